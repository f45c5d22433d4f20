/** Customers, their cards and their addresses. */
import type { Service, ServiceParts } from "../../service.ts";
import { createApp } from "../../service.ts";
import { leasePostgres } from "../../stores/postgres.ts";
import type { StoreParts } from "../../stores/store-parts.ts";
import { Accounts } from "./accounts.ts";
import { addAddressRoutes, addCardRoutes } from "./possessions.ts";
import { addCustomerRoutes } from "./customers.ts";

export function user({ faults, log }: ServiceParts, store: StoreParts): Service {
  const postgres = leasePostgres(store, (postgres) => Accounts.prepare(postgres));
  const accounts = new Accounts(postgres);
  const app = createApp("user", log);
  for (const group of ["cards", "addresses"]) {
    app.use(`/${group}/*`, faults.guard(group));
    app.use(`/customers/:id/${group}`, faults.guard(group));
  }
  addCustomerRoutes(app, accounts);
  addCardRoutes(app, accounts);
  addAddressRoutes(app, accounts);
  return { app, dependencies: [postgres] };
}
