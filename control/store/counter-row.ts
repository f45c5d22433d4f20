import type { Observation } from "../identity/observation.ts";
import type { Stretched } from "./shares.ts";

/** What a counter counts. */
export type CounterKey = Pick<
  Observation,
  "side" | "client" | "server" | "protocol" | "method" | "route" | "outcome" | "status"
>;

/** A counter of a slot or window as it is read, but for its latencies, which each engine has in a form of its own. */
export interface CounterRow<K = CounterKey> extends Stretched {
  readonly key: K;
  readonly count: number;
  readonly requestBytes: number;
  readonly responseBytes: number;
}
