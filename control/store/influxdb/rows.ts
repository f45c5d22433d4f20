import type { Outcome, Protocol, ReporterSide } from "../../identity/observation.ts";
import type { PodEnd } from "../../identity/pod-end.ts";
import type { CounterKey, CounterRow as Counter } from "../counter-row.ts";
import { RESOLUTIONS } from "../resolutions.ts";
import { podKeyText } from "../pod-keys.ts";
import type { PodKey } from "../pod-keys.ts";
import type { Series } from "./client.ts";
import { PODS, REQUESTS } from "./layout.ts";
import type { Level } from "./levels.ts";
import { original } from "./line.ts";

/** What a series of `requests` stands for: its tags. */
export type Key = CounterKey;

/** A measurement of counters: what its series stand for, and how far it is rolled up. */
export interface Measured<K> {
  readonly measurement: string;
  /** The tags that its keys are made of. */
  readonly tags: readonly string[];
  readonly keyOf: (tags: Series["tags"]) => K;
  /** A text by which keys are told apart. */
  readonly textOf: (key: K) => string;
  /** No coarser level has it. */
  readonly coarsest: Level;
}

/**
 * One point of counters, or some of its numbers while the others are 0 (they add up), of which the stretch from `fromMs` to
 * `toMs` is wanted; it may reach beyond. Rows of one series that follow each other have the same object as their key.
 */
export interface CounterRow<K = Key> extends Counter<K> {
  /** See packed.ts. */
  readonly buckets: string;
}

/** The fields of counters, in the order in which they are asked for; only the first two are read where that is enough. */
export const COUNTER_FIELDS = ["count", "duration_ms", "request_bytes", "response_bytes", "buckets"] as const;

/** The tags of what pods said. */
export function podTags({ side, client, server, protocol, outcome }: PodKey): Record<string, string> {
  return { side, ...endTags("client", client), ...endTags("server", server), protocol, outcome };
}

const POD_END_TAGS = ["", "_pod", "_node", "_version"];

function endTags(end: "client" | "server", { workload, pod, node, version }: PodEnd): Record<string, string> {
  return { [end]: workload, [`${end}_pod`]: pod, [`${end}_node`]: node, [`${end}_version`]: version };
}

/** What pods said in the tags of a series. */
export function podKeyOf(tags: Series["tags"] = {}): PodKey {
  const text = (name: string): string => original(tags[name] ?? "");
  const end = (name: "client" | "server"): PodEnd => {
    const [pod, node, version] = ["pod", "node", "version"].map((word) => text(`${name}_${word}`));
    return { workload: text(name), pod: pod!, node: node!, version: version! };
  };
  return {
    side: text("side") as ReporterSide,
    client: end("client"),
    server: end("server"),
    protocol: text("protocol") as Protocol,
    outcome: text("outcome") as Outcome,
  };
}

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

/** What is told of an edge: its ends, and what the reporter rule and its totals are made of. */
export type EdgeKey = Pick<Key, "side" | "client" | "server" | "protocol" | "outcome">;

function edgeKeyOf(tags: Series["tags"] = {}): EdgeKey {
  const { side, client, server, protocol, outcome } = keyOf(tags);
  return { side, client, server, protocol, outcome };
}

const EDGE_TAGS = ["side", "client", "server", "protocol", "outcome"];

/** Counters of endpoints, at every level. */
export const OF_ENDPOINTS: Measured<Key> = {
  measurement: REQUESTS,
  tags: [...EDGE_TAGS, "method", "route", "status"],
  keyOf,
  textOf: keyText,
  coarsest: RESOLUTIONS.length - 1,
};

/** The same counters by edge, whatever the endpoint. */
export const OF_EDGES: Measured<EdgeKey> = {
  ...OF_ENDPOINTS,
  tags: EDGE_TAGS,
  keyOf: edgeKeyOf,
  textOf: ({ side, client, server, protocol, outcome }) => JSON.stringify([side, client, server, protocol, outcome]),
};

/** Counters of pods: these come and go, so no hours of them are kept. */
export const OF_PODS: Measured<PodKey> = {
  measurement: PODS,
  tags: [
    "side",
    "protocol",
    "outcome",
    ...["client", "server"].flatMap((end) => POD_END_TAGS.map((tag) => `${end}${tag}`)),
  ],
  keyOf: podKeyOf,
  textOf: podKeyText,
  coarsest: RESOLUTIONS.findIndex(({ name }) => name === "1m"),
};
