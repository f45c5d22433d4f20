import type { Logger } from "pino";
import type { StoreAccess } from "../config.ts";
import type { Counters } from "../counters.ts";
import type { ServiceName, StoreName } from "../names.ts";

/** What it takes to connect a service to one of its stores. */
export interface StoreParts {
  readonly service: ServiceName;
  readonly store: StoreName;
  readonly access: StoreAccess;
  readonly counters: Counters;
  readonly log: Logger;
}

/** Connections a service holds to one store, at most. */
export const POOL_SIZE = 4;
/** Also the longest wait for a free connection of a pool. */
export const CONNECT_TIMEOUT_MS = 10_000;
