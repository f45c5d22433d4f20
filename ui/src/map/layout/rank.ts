/**
 * Columns: the longest path from the entries, with the links that close a cycle turned round (Sugiyama's first two
 * steps). Depth-first search finds the links to turn; every other link then points to the right.
 */
import type { Link } from "./graph.ts";

export interface Ranking {
  /** Column of each box, from 0. */
  readonly column: ReadonlyMap<string, number>;
  /** Links that point back to an earlier column. */
  readonly back: ReadonlySet<string>;
}

/** Ranks the boxes that the links touch. The order of `ids` decides ties, so the same input gives the same columns. */
export function rank(ids: readonly string[], links: readonly Link[]): Ranking {
  const back = findBackLinks(ids, links);
  const forward = links.filter(({ id }) => !back.has(id));
  const order = topologicalOrder(ids, forward);
  const out = groupBy(forward, ({ from }) => from);
  const into = groupBy(forward, ({ to }) => to);

  const column = new Map(ids.map((id) => [id, 0]));
  for (const id of order) {
    for (const { to } of out.get(id) ?? []) column.set(to, Math.max(column.get(to)!, column.get(id)! + 1));
  }
  // What is called by few and calls many stands next to what it calls: a consumer of a queue, which no one calls,
  // would otherwise stand at the far left with a line across the whole map.
  for (const id of order.toReversed()) {
    const calls = out.get(id) ?? [];
    if (calls.length <= (into.get(id)?.length ?? 0)) continue;
    const latest = Math.min(...calls.map(({ to }) => column.get(to)!)) - 1;
    column.set(id, Math.max(column.get(id)!, latest));
  }
  return { column: closeGaps(column), back };
}

/** Depth first from what nobody calls, then from what is left; a link to a box that is still open closes a cycle. */
function findBackLinks(ids: readonly string[], links: readonly Link[]): Set<string> {
  const out = groupBy(links, ({ from }) => from);
  const called = new Set(links.map(({ to }) => to));
  const roots = [...ids.filter((id) => !called.has(id)), ...ids.filter((id) => called.has(id))];
  const state = new Map<string, "open" | "done">();
  const back = new Set<string>();
  for (const root of roots) {
    if (state.has(root)) continue;
    const stack = [{ id: root, next: 0 }];
    state.set(root, "open");
    while (stack.length > 0) {
      const top = stack[stack.length - 1]!;
      const link = out.get(top.id)?.[top.next++];
      if (!link) {
        state.set(top.id, "done");
        stack.pop();
      } else if (state.get(link.to) === "open") {
        back.add(link.id);
      } else if (!state.has(link.to)) {
        state.set(link.to, "open");
        stack.push({ id: link.to, next: 0 });
      }
    }
  }
  return back;
}

function topologicalOrder(ids: readonly string[], links: readonly Link[]): string[] {
  const out = groupBy(links, ({ from }) => from);
  const missing = new Map(ids.map((id) => [id, 0]));
  for (const { to } of links) missing.set(to, missing.get(to)! + 1);
  const order = ids.filter((id) => missing.get(id) === 0);
  for (let at = 0; at < order.length; at++) {
    for (const { to } of out.get(order[at]!) ?? []) {
      const left = missing.get(to)! - 1;
      missing.set(to, left);
      if (left === 0) order.push(to);
    }
  }
  return order;
}

function closeGaps(column: ReadonlyMap<string, number>): Map<string, number> {
  const used = [...new Set(column.values())].sort((a, b) => a - b);
  const dense = new Map(used.map((value, index) => [value, index]));
  return new Map([...column].map(([id, value]) => [id, dense.get(value)!]));
}

/** Items by key, in their order. */
export function groupBy<T>(items: readonly T[], key: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(key(item));
    if (group) group.push(item);
    else groups.set(key(item), [item]);
  }
  return groups;
}
