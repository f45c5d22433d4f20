/** Cause before symptom: which server's failing an alert comes from. How causes are told from symptoms is world/cause.ts. */
import { findSymptoms } from "../../world/cause.ts";
import { groupBy } from "../../world/group-by.ts";
import type { Origin } from "../alert.ts";
import type { BadEndpointCall } from "./bad-calls.ts";

/**
 * An endpoint is named where so large a part of what fails at a server is its. Of two that fail alike the larger one is, also where a
 * few requests to others failed meanwhile.
 */
const STANDS_OUT = 0.4;

/** What an alert is about, as far as its labels say. */
export interface Subject {
  readonly labels: Readonly<Record<string, string>>;
  /** Node id of a server in its group. */
  readonly server: string;
}

export class Origins {
  readonly #calls: readonly BadEndpointCall[];
  readonly #symptoms: ReadonlyMap<string, readonly string[]>;
  readonly #byClient: ReadonlyMap<string, readonly BadEndpointCall[]>;
  readonly #byServer: ReadonlyMap<string, readonly BadEndpointCall[]>;

  constructor(calls: readonly BadEndpointCall[]) {
    this.#calls = calls;
    this.#symptoms = findSymptoms(calls);
    this.#byClient = groupBy(calls, ({ client }) => client);
    this.#byServer = groupBy(calls, ({ server }) => server);
  }

  /** Where what an alert tells of comes from; its own server, where nothing fails by which that could be told. */
  of(subject: Subject): Origin {
    const related = this.#calls.filter((call) => isAbout(call, subject));
    const cause = this.#deepest(related);
    if (!cause) return { server: subject.server, method: "", route: "" };
    const all = this.#byServer.get(cause.server) ?? [];
    const ofEndpoint = all.filter(({ method, route }) => method === cause.method && route === cause.route);
    const standsOut = sizeOf(ofEndpoint) >= STANDS_OUT * sizeOf(all);
    return { server: cause.server, method: standsOut ? cause.method : "", route: standsOut ? cause.route : "" };
  }

  /** Who is hurt: all from whom bad calls lead to a server. */
  affectedBy(server: string): string[] {
    const affected = new Set<string>();
    const pending = [server];
    for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
      for (const { client } of this.#byServer.get(at) ?? []) {
        if (client === server || affected.has(client)) continue;
        affected.add(client);
        pending.push(client);
      }
    }
    return [...affected].sort();
  }

  /** The largest cause among calls, or among those that explain them. */
  #deepest(calls: readonly BadEndpointCall[]): BadEndpointCall | undefined {
    const seen = new Set(calls);
    for (let level = calls; level.length > 0;) {
      const causes = level.filter(({ id }) => !this.#symptoms.has(id));
      if (causes.length > 0) return causes.reduce((a, b) => (sizeOf([b]) > sizeOf([a]) ? b : a));
      level = level.flatMap((call) => this.#below(call)).filter((call) => !seen.has(call) && seen.add(call));
    }
    return undefined;
  }

  #below({ id, server }: BadEndpointCall): readonly BadEndpointCall[] {
    const servers = this.#symptoms.get(id) ?? [];
    return (this.#byClient.get(server) ?? []).filter((call) => servers.includes(call.server));
  }
}

/** Whether a call is one of those that an alert counts. */
function isAbout(call: BadEndpointCall, { labels, server }: Subject): boolean {
  const is = (label: string, value: string): boolean => labels[label] === undefined || labels[label] === value;
  const isServer = "workload" in labels || "server.workload" in labels ? call.server === server : true;
  return isServer && is("client.workload", call.client) && is("method", call.method) && is("route", call.route);
}

function sizeOf(calls: readonly BadEndpointCall[]): number {
  return calls.reduce((sum, { verdict }) => sum + Math.max(verdict.errors, verdict.slow), 0);
}
