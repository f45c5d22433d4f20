/**
 * The ways that lead from one node to another and pass none twice: the shortest first, of those as long as each other the
 * busiest. There may be exponentially many, so the work is bounded: it is done by length, and where a length is too much
 * for the rest of the bound, it is known up to which all of them could be told.
 */
import { groupBy } from "./group-by.ts";

export interface PathQuestion {
  /** Ids of two different nodes. */
  readonly client: string;
  readonly server: string;
  readonly maxHops: number;
}

export interface PathLimits {
  readonly maxPaths: number;
  /** Edges that are looked at, some 25 ns each. */
  readonly maxSteps: number;
}

export const PATH_LIMITS: PathLimits = Object.freeze({ maxPaths: 10_000, maxSteps: 1_000_000 });

interface Busy {
  readonly client: string;
  readonly server: string;
  readonly red: { readonly requests: number };
}

/** More work than one question may make. */
export class TooManyPaths extends Error {
  /** @param fits up to how many hops all paths can be told; undefined where not even the shortest can */
  constructor({ client, server, maxHops }: PathQuestion, fits: number | undefined) {
    const instead = fits === undefined ? "" : `ask for ${fits} hops at most, or `;
    const ways = `From ${client} to ${server} lead more ways of up to ${maxHops} hops than can be looked at`;
    super(`${ways}; ${instead}narrow the question with filters`);
    this.name = "TooManyPaths";
  }
}

/**
 * @returns ids, from the client to the server; busy is a path whose least busy hop is
 * @throws TooManyPaths
 */
export function pathsBetween(
  edges: readonly Busy[],
  question: PathQuestion,
  limits: PathLimits = PATH_LIMITS,
): readonly (readonly string[])[] {
  const hops = new Map<string, number>();
  for (const { client, server, red } of edges) {
    const hop = hopOf(client, server);
    hops.set(hop, (hops.get(hop) ?? 0) + red.requests);
  }
  const busyness = (path: readonly string[]): number =>
    path.slice(1).reduce((least, node, index) => Math.min(least, hops.get(hopOf(path[index]!, node))!), Infinity);
  return new Search(edges, question, limits)
    .run()
    .map((nodes) => ({ nodes, busy: busyness(nodes), text: nodes.join(" ") }))
    .sort((a, b) => a.nodes.length - b.nodes.length || b.busy - a.busy || (a.text < b.text ? -1 : 1))
    .map(({ nodes }) => nodes);
}

function hopOf(client: string, server: string): string {
  return `${client} ${server}`;
}

class Search {
  readonly #question: PathQuestion;
  readonly #limits: PathLimits;
  readonly #next: ReadonlyMap<string, readonly string[]>;
  /** Hops from each node to the server at least; what is not in it does not lead there. */
  readonly #distance: ReadonlyMap<string, number>;
  readonly #found: (readonly string[])[] = [];
  readonly #path: string[] = [];
  readonly #onPath = new Set<string>();
  #steps = 0;

  constructor(edges: readonly Busy[], question: PathQuestion, limits: PathLimits) {
    this.#question = question;
    this.#limits = limits;
    this.#distance = distancesTo(question.server, edges);
    const leading = edges.filter(({ client, server }) => client !== server && this.#distance.has(server));
    const servers = groupBy(leading, ({ client }) => client);
    this.#next = new Map(
      [...servers].map(([client, to]) => [client, [...new Set(to.map(({ server }) => server))]] as const),
    );
  }

  run(): readonly (readonly string[])[] {
    const { client, maxHops } = this.#question;
    const shortest = this.#distance.get(client) ?? Infinity;
    for (let length = shortest; length <= maxHops; length++) {
      if (this.#walk(client, length)) continue;
      throw new TooManyPaths(this.#question, length > shortest ? length - 1 : undefined);
    }
    return this.#found;
  }

  /** Finds all ways on from a node that have exactly so many hops. @returns false where the bound is reached */
  #walk(node: string, hops: number): boolean {
    this.#path.push(node);
    this.#onPath.add(node);
    const isWithin = hops === 0 ? this.#take() : (this.#next.get(node) ?? []).every((to) => this.#step(to, hops - 1));
    this.#path.pop();
    this.#onPath.delete(node);
    return isWithin;
  }

  #step(to: string, hops: number): boolean {
    this.#steps += 1;
    if (this.#steps > this.#limits.maxSteps) return false;
    // The server ends a path, so none passes it.
    const leadsOn = to === this.#question.server ? hops === 0 : hops > 0 && this.#distance.get(to)! <= hops;
    return !leadsOn || this.#onPath.has(to) || this.#walk(to, hops);
  }

  #take(): boolean {
    this.#found.push([...this.#path]);
    return this.#found.length <= this.#limits.maxPaths;
  }
}

function distancesTo(server: string, edges: readonly Busy[]): ReadonlyMap<string, number> {
  const clients = groupBy(edges, (edge) => edge.server);
  const distance = new Map([[server, 0]]);
  // A map tells what is set while it is gone through, which is breadth first.
  for (const [node, hops] of distance) {
    for (const { client } of clients.get(node) ?? []) if (!distance.has(client)) distance.set(client, hops + 1);
  }
  return distance;
}
