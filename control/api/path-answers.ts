/** Who leads where: what both APIs answer. */
import { factsOfEdge } from "../world/attributes.ts";
import type { Filters } from "../world/filters.ts";
import { groupBy } from "../world/group-by.ts";
import { worstHealth } from "../world/health.ts";
import type { Health } from "../world/model.ts";
import { pathsBetween } from "../world/paths.ts";
import type { PathQuestion } from "../world/paths.ts";
import { withoutEndpoints } from "../world/topology.ts";
import type { TopologyEdge } from "../world/topology.ts";
import { pageable } from "./pages.ts";
import type { Pageable, PagedQuestion } from "./pages.ts";
import { windowOf } from "./topology-answers.ts";
import type { Seen, When, Window } from "./topology-answers.ts";

export const DEFAULT_PATH_HOPS = 8;
export const MAX_PATH_HOPS = 16;
/** Paths of a page: without a size, and at most. */
export const DEFAULT_PATHS = 100;
export const MAX_PATHS = 1_000;

export interface PathsQuestion extends When, PagedQuestion, PathQuestion {
  /** Of EDGES. */
  readonly filters: Filters;
}

export interface Path {
  /** Ids, from the client to the server. */
  readonly nodes: readonly string[];
  /** Those between each node and the next: one for each protocol. */
  readonly edges: readonly TopologyEdge[];
  /** The worst of its edges. */
  readonly health: Health;
}

export interface PathsAnswer extends Window {
  readonly paths: readonly Path[];
}

/** What is wrong with the ends of a path, and where; undefined where nothing is. */
export function faultOfEnds({
  client,
  server,
}: Pick<PathQuestion, "client" | "server">): { readonly field: string; readonly why: string } | undefined {
  if (client === "") return { field: "client", why: "must be given: where paths begin" };
  if (server === "") return { field: "server", why: "must be given: where paths lead" };
  if (client !== server) return undefined;
  return { field: "server", why: "is the client itself; no path leads from a node to itself" };
}

/** @throws TooManyPaths */
export function pathsOf({ snapshot }: Seen, question: PathsQuestion): Pageable<PathsAnswer> {
  const nodes = new Map(snapshot.nodes.map((node) => [node.id, node]));
  const picked = snapshot.edges.filter((edge) => question.filters.match(factsOfEdge(edge, nodes)));
  const edges = groupBy(picked.map(withoutEndpoints), ({ client, server }) => hopOf(client, server));
  const toPath = (ids: readonly string[]): Path => {
    const passed = ids.slice(1).flatMap((id, index) => edges.get(hopOf(ids[index]!, id))!);
    return { nodes: ids, edges: passed, health: worstHealth(passed.map(({ health }) => health)) };
  };
  const window = windowOf(snapshot);
  return pageable(pathsBetween(picked, question), (some) => ({ ...window, paths: some.map(toPath) }));
}

function hopOf(client: string, server: string): string {
  return JSON.stringify([client, server]);
}
