/** The query of the top bar: words that a name must contain, and `kind:store`, `health:failing`, `ns:shop`. */
import type { SnapshotNode } from "../../../control/world/model.ts";
import { edgesInto, endpointName, type World } from "./world.ts";

/** The node ids that match, or null for an empty query: then nothing is highlighted and nothing dimmed. */
export function matchNodes(world: World, query: string): ReadonlySet<string> | null {
  const terms = query.toLowerCase().split(/\s+/).filter(Boolean);
  if (terms.length === 0) return null;
  const found = new Set<string>();
  for (const node of world.nodes.values()) {
    if (terms.every((term) => matchesTerm(world, node, term))) found.add(node.id);
  }
  return found;
}

function matchesTerm(world: World, node: SnapshotNode, term: string): boolean {
  const [field, value] = split(term);
  if (field === "kind") return node.kind.startsWith(value);
  if (field === "health") return node.health.startsWith(value);
  if (field === "ns" || field === "namespace") return node.namespace.toLowerCase().includes(value);
  if (node.id.toLowerCase().includes(term)) return true;
  // Paths are searched only when the term looks like one, or a letter would match half of the map.
  return term.startsWith("/") && servesPath(world, node.id, term);
}

function servesPath(world: World, nodeId: string, path: string): boolean {
  return edgesInto(world, nodeId).some(({ endpoints }) =>
    endpoints.some((endpoint) => endpointName(endpoint).toLowerCase().includes(path)),
  );
}

function split(term: string): [string, string] {
  const colon = term.indexOf(":");
  return colon < 0 ? ["", term] : [term.slice(0, colon), term.slice(colon + 1)];
}

/**
 * How well a text answers what was typed into the palette, higher is better, 0 for not at all: its beginning before the
 * beginning of a word before anywhere, then the shorter text.
 */
export function rankMatch(text: string, typed: string): number {
  if (typed === "") return 1;
  const haystack = text.toLowerCase();
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  let score = 0;
  for (const word of words) {
    const at = haystack.indexOf(word);
    if (at < 0) return 0;
    const startsWord = at === 0 || /[^a-z0-9]/.test(haystack[at - 1]!);
    score += at === 0 ? 3 : startsWord ? 2 : 1;
  }
  return score + 1 / (1 + haystack.length);
}
