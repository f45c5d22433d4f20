import { OTHER_EXTERNAL_HOSTS } from "../../identity/identities.ts";
import { OF_NODES } from "../../world/attributes.ts";
import type { Measured } from "../alert.ts";
import { GroupJudge } from "../judging/group-judge.ts";
import type { Judgement } from "../judging/judge.ts";
import type { MatchedGroups } from "../judging/matched-groups.ts";
import type { Severity, TopologyRule } from "../rule.ts";
import type { NodesSeen } from "./nodes-seen.ts";
import type { Sightings } from "./sightings.ts";
import { askedOf, callerOf, clockTime, requests } from "./words.ts";

const HOUR_MS = 3_600_000;
/** So long after it was seen first something is as usual as all else. */
export const NEW_FOR_MS = HOUR_MS;
/** What is seen before the cluster, and its ends, are known for so long is not new, but new to control. */
const KNOWN_AFTER_MS = 24 * HOUR_MS;
const END_KNOWN_AFTER_MS = HOUR_MS;

export interface SightingsToJudge {
  readonly column: Sightings;
  readonly groups: MatchedGroups;
  readonly severity: Severity;
}

/**
 * Somebody calls whom nobody of its group called before, or a host outside that nobody called before.
 *
 * All that a workload does in its first hour is new. So who is new itself makes no news, unless the rule says which
 * servers it guards: there a stranger is what it is about. The same holds of servers, and of rules that say which clients.
 */
export class NewsJudge extends GroupJudge {
  readonly #sightings: Sightings;
  readonly #nodes: NodesSeen;
  readonly #sinceMs: () => number;
  readonly #isOfHosts: boolean;
  readonly #mayBeNew: { readonly client: boolean; readonly server: boolean };

  /** @param sinceMs since when counters are known at all */
  constructor(
    override readonly rule: TopologyRule,
    of: SightingsToJudge,
    { nodes, sinceMs }: { readonly nodes: NodesSeen; readonly sinceMs: () => number },
  ) {
    super(of, 0);
    this.#sightings = of.column;
    this.#nodes = nodes;
    this.#sinceMs = sinceMs;
    this.#isOfHosts = rule.event === "newExternal";
    this.#mayBeNew = { client: says(rule, "server"), server: this.#isOfHosts || says(rule, "client") };
  }

  override scan(endMs: number, visit: (group: number) => void): void {
    for (const group of this.groups.get()) if (this.#isNew(group, endMs)) visit(group);
  }

  override judge(group: number, endMs: number): Judgement {
    return this.#isNew(group, endMs) ? "bad" : "good";
  }

  override measured(group: number): Measured {
    const { requests: value } = this.#sightings.seen[group]!;
    return { value, limit: 0, usual: null, requests: value, bad: 0 };
  }

  override summary(group: number): string {
    const { requests: count, firstMs } = this.#sightings.seen[group]!;
    const labels = this.labels(group);
    const asked = askedOf(labels, this.example(group));
    const news = this.#isOfHosts ? `${asked}, a host outside that nobody called before` : `${asked} for the first time`;
    const since = firstMs < Infinity ? ` since ${clockTime(firstMs)}` : "";
    return `${callerOf(labels)} calls ${news} (${requests(count)}${since})`;
  }

  #isNew(group: number, endMs: number): boolean {
    const seen = this.#sightings.seen[group];
    if (!seen || seen.firstMs <= endMs - NEW_FOR_MS || seen.requests === 0) return false;
    const { client, server } = this.example(group);
    const firstMs = this.#isOfHosts ? this.#hostSince(server.id) : seen.firstMs;
    if (firstMs <= endMs - NEW_FOR_MS || firstMs - this.#sinceMs() < KNOWN_AFTER_MS) return false;
    const isKnown = (id: string): boolean => firstMs - this.#nodes.firstMs(id) >= END_KNOWN_AFTER_MS;
    return (this.#mayBeNew.client || isKnown(client.id)) && (this.#mayBeNew.server || isKnown(server.id));
  }

  /** The name of those that are too many to be told apart is that of no host. */
  #hostSince(id: string): number {
    return id === OTHER_EXTERNAL_HOSTS.id ? -Infinity : this.#nodes.firstMs(id);
  }
}

/** Whether a rule says which workloads it is about at one end. */
function says({ where }: TopologyRule, end: "client" | "server"): boolean {
  return where.some((filter) => {
    const isPositive = filter.operator === "=" || filter.operator === "~";
    return isPositive && OF_NODES.includes(filter.attribute) && (filter.end ?? "server") === end;
  });
}
