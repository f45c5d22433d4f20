/** The services of one process: all nine, or in a cluster one. They share code and nothing else: what passes between them is HTTP. */
import type { Logger } from "pino";
import { storeAccess } from "./config.ts";
import type { ShopConfig } from "./config.ts";
import { Counters } from "./counters.ts";
import { FaultSwitches } from "./fault-switches.ts";
import { ServiceClient } from "./http-client.ts";
import { ServiceServer } from "./http-server.ts";
import { SERVICE_NAMES } from "./names.ts";
import type { ServiceName, StoreName } from "./names.ts";
import type { Service, ServiceParts } from "./service.ts";
import { carts } from "./services/carts/carts.ts";
import { catalogue } from "./services/catalogue/catalogue.ts";
import { edgeRouter } from "./services/edge-router.ts";
import { frontEnd } from "./services/front-end/front-end.ts";
import { orders } from "./services/orders/orders.ts";
import { payment } from "./services/payment.ts";
import { queueMaster } from "./services/queue-master.ts";
import { shipping } from "./services/shipping.ts";
import { user } from "./services/user/user.ts";
import type { StoreParts } from "./stores/store-parts.ts";

type StoreOf = (store: StoreName) => StoreParts;

const BUILDERS: Readonly<Record<ServiceName, (parts: ServiceParts, store: StoreOf) => Service>> = {
  "edge-router": (parts) => edgeRouter(parts),
  "front-end": (parts, store) => frontEnd(parts, store("session-db")),
  catalogue: (parts, store) => catalogue(parts, store("catalogue-db")),
  carts: (parts, store) => carts(parts, store("carts-db")),
  orders: (parts, store) => orders(parts, store("orders-db")),
  user: (parts, store) => user(parts, store("user-db")),
  payment: (parts) => payment(parts),
  shipping: (parts, store) => shipping(parts, store("rabbitmq")),
  "queue-master": (parts, store) => queueMaster(parts, store("rabbitmq")),
};

interface Running {
  readonly name: ServiceName;
  readonly service: Service;
  readonly server: ServiceServer;
  readonly client: ServiceClient;
}

export class Shop {
  readonly counters = new Counters();
  readonly faults: FaultSwitches;
  readonly #running: readonly Running[];
  readonly #log: Logger;

  constructor(config: ShopConfig, log: Logger) {
    this.#log = log;
    this.faults = new FaultSwitches({ onChange: () => this.#openOrRefuse() });
    this.#running = SERVICE_NAMES.flatMap((name) => {
      const place = config.services[name];
      if (!place) return [];
      const { listen, outbound } = place;
      const client = new ServiceClient({ client: name, outbound, counters: this.counters });
      const serviceLog = log.child({ service: name });
      const store: StoreOf = (storeName) => ({
        service: name,
        store: storeName,
        access: storeAccess(config, name, storeName),
        counters: this.counters,
        log: serviceLog,
      });
      const service = BUILDERS[name]({ client, faults: this.faults, log: serviceLog }, store);
      return [{ name, service, server: new ServiceServer(service.app, listen), client }];
    });
  }

  /** The services that run here. */
  get services(): readonly ServiceName[] {
    return this.#running.map(({ name }) => name);
  }

  /** Opens the servers and begins to connect to the stores. @throws Error when an address is taken. */
  async start(): Promise<void> {
    await Promise.all(this.#running.map(({ server }) => server.open()));
    for (const { service } of this.#running) for (const store of service.dependencies) store.start();
  }

  /** What is not there yet: services that do not listen (but for a fault), and stores that are not connected. */
  missing(): string[] {
    return this.#running.flatMap(({ name, service, server }) => {
      const isAbsent = !server.isOpen && !this.faults.has(name, "down");
      const stores = service.dependencies.filter((store) => !store.isReady).map((store) => `${name} -> ${store.name}`);
      return isAbsent ? [name, ...stores] : stores;
    });
  }

  /** Answers what is under way, then closes everything. */
  async stop(): Promise<void> {
    await Promise.all(this.#running.map(({ server }) => server.close()));
    await Promise.all(this.#running.flatMap(({ service }) => service.dependencies.map((store) => store.stop())));
    for (const { client } of this.#running) client.close();
  }

  #openOrRefuse(): void {
    for (const { name, server } of this.#running) {
      const change = this.faults.has(name, "down") ? server.close() : server.open();
      change.catch((error: unknown) => this.#log.error({ service: name, err: error }, "service could not listen"));
    }
  }
}
