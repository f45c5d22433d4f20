/** The shop's configuration file: which services run here, the address of each, and where its own sidecar listens. */
import { readFileSync } from "node:fs";
import { z } from "zod";
import { addressSchema } from "./address.ts";
import { SERVICE_NAMES, STORES_OF } from "./names.ts";
import type { ServiceName, StoreName } from "./names.ts";

const storeSchema = z.strictObject({
  host: z.string().min(1),
  port: z.int().min(1).max(65535),
  user: z.string().optional(),
  password: z.string().optional(),
});

/** How a service reaches one store: through its sidecar's TCP listener. The credentials default to the store's own. */
export type StoreAccess = z.infer<typeof storeSchema>;

const serviceSchema = z.strictObject({
  listen: addressSchema,
  /** The HTTP listener of the own sidecar. Where a cluster leads everything through it anyhow there is none: each service is asked by its name. */
  outbound: addressSchema.optional(),
  stores: z.record(z.string(), storeSchema).default({}),
});

export type ServiceConfig = z.infer<typeof serviceSchema>;

const configSchema = z
  .strictObject({
    services: z.partialRecord(z.enum(SERVICE_NAMES), serviceSchema),
    control: addressSchema,
    /** Where there is a back office, this process has some of the services, and reports there. */
    backOffice: addressSchema.optional(),
  })
  .superRefine(({ services, backOffice }, context) => {
    for (const service of SERVICE_NAMES) {
      if (!services[service]) {
        if (!backOffice) context.addIssue({ code: "custom", path: ["services", service], message: "It is missing" });
        continue;
      }
      for (const store of STORES_OF[service]) {
        if (services[service].stores[store]) continue;
        const path = ["services", service, "stores", store];
        context.addIssue({ code: "custom", path, message: `${service} needs the address of ${store}` });
      }
    }
  });

/** Each service has every store that it needs, and without a back office all nine are there. */
export type ShopConfig = z.infer<typeof configSchema>;

/** @throws Error naming every field that is wrong. */
export function parseShopConfig(input: unknown): ShopConfig {
  const result = configSchema.safeParse(input);
  if (!result.success) throw new Error(`The shop's configuration is not valid:\n${z.prettifyError(result.error)}`);
  return result.data;
}

/** @throws Error when the file cannot be read, is not JSON, or is not a valid configuration. */
export function readShopConfig(file: string): ShopConfig {
  let input: unknown;
  try {
    input = JSON.parse(readFileSync(file, "utf8"));
  } catch (cause) {
    throw new Error(`Reading the shop's configuration from ${file}`, { cause });
  }
  return parseShopConfig(input);
}

/** The access to `store` that the validated configuration of `service` holds. */
export function storeAccess(config: ShopConfig, service: ServiceName, store: StoreName): StoreAccess {
  const access = config.services[service]?.stores[store];
  if (!access) throw new Error(`The configuration of ${service} names no ${store}`);
  return access;
}
