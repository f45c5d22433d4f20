/**
 * Cause before symptom: of all that is past a threshold, what fails by itself and what is only hurt by it.
 *
 * A bad call (client > server, one endpoint) is a symptom if its server itself makes bad calls that can explain it:
 * - Errors and slowness below explain errors and slowness above: a slow answer becomes a timeout, a timeout an error.
 * - What never arrived is explained by nothing below, since the server did nothing.
 * - The magnitude must be plausible. One failing call spoils at most one request, so the bad requests that a server
 *   answers cannot far exceed the bad calls it makes. Where they do, the largest of them fail by themselves. A TCP
 *   connection carries any number of requests, so failing connections explain any number.
 * - An explanation must end somewhere. Calls that only explain each other (a cycle) have a cause among them: the
 *   largest of the deepest cycle.
 */
import type { Protocol } from "../identity/observation.ts";
import { componentsDeepestFirst } from "./components.ts";
import { groupBy } from "./group-by.ts";
import type { Verdict } from "./health.ts";

/** A call that is past a threshold. */
export interface BadCall {
  readonly id: string;
  readonly client: string;
  readonly server: string;
  readonly protocol: Protocol;
  readonly verdict: Verdict;
}

/** More bad requests than this many times the bad calls below are not explained by them. Leaves room for retries. */
const PLAUSIBLE_FACTOR = 2;

/** ... plus this many, for what was below when the window began and above when it ended. */
const PLAUSIBLE_SLACK = 3;

/**
 * Tells causes from symptoms.
 *
 * @returns for every symptom, by its id, the servers whose failing explains it; calls that are not in it are causes
 */
export function findSymptoms(calls: readonly BadCall[]): Map<string, readonly string[]> {
  return new Resolution(calls).run();
}

class Resolution {
  readonly #calls: readonly BadCall[];
  readonly #inbound: Map<string, BadCall[]>;
  readonly #outbound: Map<string, BadCall[]>;
  /** What is explained so far, by the servers that make the bad calls. */
  readonly #explained = new Map<string, number>();
  readonly #unresolved: Set<BadCall>;
  readonly #symptoms = new Map<string, readonly string[]>();

  constructor(calls: readonly BadCall[]) {
    this.#calls = calls;
    this.#unresolved = new Set(calls);
    this.#inbound = groupBy(calls, (call) => call.server);
    this.#outbound = groupBy(calls, (call) => call.client);
  }

  run(): Map<string, readonly string[]> {
    this.#settle([...this.#inbound.values()].flatMap((calls) => this.#implausible(calls)));
    for (const call of this.#deepestFirst()) {
      if (this.#unresolved.has(call)) this.#settle([call]);
    }
    return this.#symptoms;
  }

  /** Of the bad calls to one server, those that nothing below can explain, however it is looked at. */
  #implausible(inbound: readonly BadCall[]): BadCall[] {
    const causes: BadCall[] = [];
    const below = this.#outbound.get(inbound[0]!.server) ?? [];
    const badBelow = sumExplained(below);
    let sum = 0;
    for (const call of [...inbound].sort(smallestFirst)) {
      const isSelfCall = call.client === call.server;
      const bad = isSelfCall ? sumExplained(below.filter((other) => other !== call)) : badBelow;
      const size = magnitude(call);
      if (call.verdict.unreachable || !isPlausible(sum + size, bad)) causes.push(call);
      else sum += size;
    }
    return causes;
  }

  /** Takes calls as causes and follows what they explain upwards. */
  #settle(causes: readonly BadCall[]): void {
    const pending = [...causes];
    for (const cause of causes) this.#unresolved.delete(cause);
    for (let call = pending.pop(); call; call = pending.pop()) {
      const explained = (this.#explained.get(call.client) ?? 0) + explains(call);
      this.#explained.set(call.client, explained);
      for (const above of this.#inbound.get(call.client) ?? []) {
        if (!this.#unresolved.has(above) || !isPlausible(magnitude(above), explained)) continue;
        this.#unresolved.delete(above);
        this.#symptoms.set(above.id, this.#serversBelow(above));
        pending.push(above);
      }
    }
  }

  #serversBelow(call: BadCall): string[] {
    const below = (this.#outbound.get(call.server) ?? []).filter((other) => other !== call);
    return [...new Set(below.map((other) => other.server))].sort();
  }

  /** In a deepest cycle the largest first; calls that lead into a cycle after those that are part of it. */
  #deepestFirst(): BadCall[] {
    const leadsTo = new Map([...this.#outbound].map(([client, calls]) => [client, calls.map((call) => call.server)]));
    const components = componentsDeepestFirst(leadsTo);
    const depth = (node: string): number => components.get(node) ?? 0;
    const leadsIn = (call: BadCall): number => (depth(call.client) === depth(call.server) ? 0 : 1);
    return [...this.#calls].sort(
      (a, b) => depth(a.server) - depth(b.server) || leadsIn(a) - leadsIn(b) || largestFirst(a, b),
    );
  }
}

/** Bad requests of a call. One that failed may also be slow, so the larger figure and not the sum. */
function magnitude(call: BadCall): number {
  return Math.max(call.verdict.errors, call.verdict.slow);
}

/** How many bad requests above a bad call can explain. */
function explains(call: BadCall): number {
  return call.protocol === "tcp" ? Infinity : call.verdict.errors + call.verdict.slow;
}

function largestFirst(a: BadCall, b: BadCall): number {
  return magnitude(b) - magnitude(a) || (a.id < b.id ? -1 : 1);
}

function sumExplained(calls: readonly BadCall[]): number {
  return calls.reduce((sum, call) => sum + explains(call), 0);
}

function isPlausible(bad: number, badBelow: number): boolean {
  return badBelow > 0 && bad <= PLAUSIBLE_FACTOR * badBelow + PLAUSIBLE_SLACK;
}

function smallestFirst(a: BadCall, b: BadCall): number {
  return magnitude(a) - magnitude(b) || (a.id < b.id ? -1 : 1);
}
