import type { Observation, Outcome, Protocol, ReporterSide } from "../../identity/observation.ts";
import type { Series } from "./client.ts";
import { original } from "./line.ts";

/** What a series of `requests` stands for: its tags. */
export type Key = Pick<
  Observation,
  "side" | "client" | "server" | "protocol" | "method" | "route" | "outcome" | "status"
>;

/** One point of `requests`, of which the stretch from `fromMs` to `toMs` is wanted; it may reach beyond. */
export interface CounterRow {
  readonly key: Key;
  readonly startMs: number;
  readonly durationMs: number;
  readonly count: number;
  readonly requestBytes: number;
  readonly responseBytes: number;
  /** See packed.ts. */
  readonly buckets: string;
  readonly fromMs: number;
  readonly toMs: number;
}

/** The fields of `requests`, in the order in which they are asked for; only the first two are read where that is enough. */
export const COUNTER_FIELDS = ["count", "duration_ms", "request_bytes", "response_bytes", "buckets"] as const;

/** The tags of a key. */
export function tagsOf(key: Key): Record<string, string> {
  return { ...keyIn(key), status: String(key.status) };
}

/** The key in an observation. */
export function keyIn({ side, client, server, protocol, method, route, outcome, status }: Key): Key {
  return { side, client, server, protocol, method, route, outcome, status };
}

/** The key in the tags of a series. */
export function keyOf(tags: Series["tags"] = {}): Key {
  const text = (name: string): string => original(tags[name] ?? "");
  return {
    side: text("side") as ReporterSide,
    client: text("client"),
    server: text("server"),
    protocol: text("protocol") as Protocol,
    method: text("method"),
    route: text("route"),
    outcome: text("outcome") as Outcome,
    status: Number(tags["status"] ?? 0),
  };
}

/** A text by which keys are told apart. */
export function keyText(key: Key): string {
  const { side, client, server, protocol, method, route, outcome, status } = key;
  return JSON.stringify([side, client, server, protocol, method, route, outcome, status]);
}
