/**
 * Where everything of one demo stands. As pods have addresses of their own, each service and store has one in
 * 127.0.0.0/8, all in a block 127.77.N.0/24 that stands for the cluster; N is the first that no other demo holds. The
 * shoppers come from 127.78.N.0/24, which is outside.
 */
import type { Server } from "node:net";
import { freePort, tryListen } from "./free-port.ts";
import { SERVICE_NAMES, STORES_OF, STORE_NAMES } from "./shop/names.ts";
import type { ServiceName, StoreName } from "./shop/names.ts";

/** The namespace that the shop's workloads are said to be in. */
export const NAMESPACE = "shop";

/** The version that all of the shop is said to have. */
export const VERSION = "v1";

/** Which services a service asks over HTTP. */
export const CALLEES: Readonly<Record<ServiceName, readonly ServiceName[]>> = {
  "edge-router": ["front-end"],
  "front-end": ["catalogue", "carts", "user", "orders"],
  catalogue: [],
  carts: [],
  orders: ["user", "carts", "payment", "shipping"],
  user: [],
  payment: [],
  shipping: [],
  "queue-master": [],
};

export type StoreEngine = "redis" | "mariadb" | "postgres" | "rabbitmq";

export const ENGINES: Readonly<Record<StoreName, StoreEngine>> = {
  "session-db": "redis",
  "catalogue-db": "mariadb",
  "carts-db": "postgres",
  "orders-db": "postgres",
  "user-db": "postgres",
  rabbitmq: "rabbitmq",
};

export const STORE_PORTS: Readonly<Record<StoreEngine, number>> = {
  redis: 6379,
  mariadb: 3306,
  postgres: 5432,
  rabbitmq: 5672,
};

/** Ports that a sidecar has in a mesh, and the application's own. */
const PORTS = { inbound: 15006, outbound: 15001, admin: 15000, app: 8080 };
/** Whoever listens on this port of the block's first address holds the block. */
const CLAIM_PORT = 15999;
const MAX_BLOCKS = 250;

/** The nodes that the pods are said to run on. */
const NODES = ["worker-1", "worker-2", "worker-3"];

/** The one pod of each service and store. */
export interface PodPlace {
  readonly pod: string;
  readonly node: string;
}

export interface ServicePlace extends PodPlace {
  readonly name: ServiceName;
  readonly address: string;
  /** The sidecar's listener for what comes in, for what goes out, and its admin port. */
  readonly inbound: number;
  readonly outbound: number;
  readonly admin: number;
  /** Where the application listens, behind its sidecar. */
  readonly app: number;
  /** The sidecar's TCP listeners, by the store behind each. */
  readonly stores: Readonly<Partial<Record<StoreName, number>>>;
}

export interface StoreAddress extends PodPlace {
  readonly name: StoreName;
  readonly engine: StoreEngine;
  readonly address: string;
  readonly port: number;
}

export interface HostPort {
  readonly host: string;
  readonly port: number;
}

export interface Topology {
  /** The range of the cluster. */
  readonly cidr: string;
  /** Where the shoppers come from. */
  readonly client: string;
  readonly services: readonly ServicePlace[];
  readonly stores: readonly StoreAddress[];
  readonly control: { readonly grpc: HostPort; readonly http: HostPort };
  /** Control ports of the shop and of the load. */
  readonly shop: HostPort;
  readonly load: HostPort;
  /** Gives the block back. */
  release(): void;
}

/** Claims a block and finds a free port for everything in it. */
export async function claimTopology(): Promise<Topology> {
  const { block, claim } = await claimBlock();
  const address = (host: number) => `127.77.${block}.${host}`;
  const services = await Promise.all(
    SERVICE_NAMES.map(async (name, index) => ({
      ...(await placeService(name, address(10 + index))),
      ...podPlace(name, index),
    })),
  );
  const stores = await Promise.all(
    STORE_NAMES.map(async (name, index) => ({
      ...(await placeStore(name, address(100 + index))),
      ...podPlace(name, index),
    })),
  );
  // Only the holder of the first block asks for the default ports, so that two starts at once do not meet there.
  const local = async (preferred: number) => ({
    host: "127.0.0.1",
    port: await freePort("127.0.0.1", preferred + block),
  });
  const inside = async (host: number) => ({ host: address(host), port: await freePort(address(host), PORTS.admin) });
  return {
    cidr: `127.77.${block}.0/24`,
    client: `127.78.${block}.10`,
    services,
    stores,
    control: { grpc: await local(9400), http: await local(9480) },
    shop: await inside(2),
    load: await inside(3),
    release: () => claim.close(),
  };
}

async function claimBlock(): Promise<{ block: number; claim: Server }> {
  for (let block = 0; block < MAX_BLOCKS; block += 1) {
    const claim = await tryListen(`127.77.${block}.1`, CLAIM_PORT);
    if (claim) return { block, claim: claim.unref() };
  }
  throw new Error(
    `No address block 127.77.N.0/24 is free: ${MAX_BLOCKS} demos cannot be running, look at port ${CLAIM_PORT}`,
  );
}

function podPlace(name: string, index: number): PodPlace {
  return { pod: `${name}-0`, node: NODES[index % NODES.length]! };
}

async function placeService(name: ServiceName, address: string): Promise<Omit<ServicePlace, keyof PodPlace>> {
  const stores = STORES_OF[name].map(async (store) => [store, await freePort(address, STORE_PORTS[ENGINES[store]])]);
  return {
    name,
    address,
    inbound: await freePort(address, PORTS.inbound),
    outbound: await freePort(address, PORTS.outbound),
    admin: await freePort(address, PORTS.admin),
    app: await freePort(address, PORTS.app),
    stores: Object.fromEntries(await Promise.all(stores)) as ServicePlace["stores"],
  };
}

async function placeStore(name: StoreName, address: string): Promise<Omit<StoreAddress, keyof PodPlace>> {
  const engine = ENGINES[name];
  return { name, engine, address, port: await freePort(address, STORE_PORTS[engine]) };
}
