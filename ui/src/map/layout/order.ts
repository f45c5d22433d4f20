/**
 * Order within columns: barycentre sweeps to and fro, then swaps of neighbours, keeping the order with the fewest
 * crossings that was seen (Sugiyama, Tagawa, Toda 1981; crossings counted with a Fenwick tree after Barth et al. 2002).
 */

/** A box or one bend of a long link, as the ordering sees it. Neighbours are indexes into the list of items. */
export interface Item {
  readonly column: number;
  readonly left: number[];
  readonly right: number[];
}

const SWEEPS = 12;
/** Above this many items swaps cost more than they bring. */
const SWAP_LIMIT = 600;

/** Returns, for each column, its items from top to bottom. */
export function orderColumns(items: readonly Item[], columns: number): number[][] {
  let order = startingOrder(items, columns);
  let best = order.map((column) => [...column]);
  let fewest = countCrossings(items, order);
  for (let sweep = 0; sweep < SWEEPS && fewest > 0; sweep++) {
    order = sweepOnce(items, order, sweep % 2 === 0 ? "left" : "right");
    if (items.length <= SWAP_LIMIT) swapNeighbours(items, order);
    const crossings = countCrossings(items, order);
    if (crossings < fewest) {
      fewest = crossings;
      best = order.map((column) => [...column]);
    }
  }
  return best;
}

/** Depth first from the left: what hangs together starts together. */
function startingOrder(items: readonly Item[], columns: number): number[][] {
  const order: number[][] = Array.from({ length: columns }, () => []);
  const seen = new Set<number>();
  const roots = items.map((_, index) => index).sort((a, b) => items[a]!.column - items[b]!.column || a - b);
  for (const root of roots) {
    const stack = [root];
    while (stack.length > 0) {
      const index = stack.pop()!;
      if (seen.has(index)) continue;
      seen.add(index);
      order[items[index]!.column]!.push(index);
      stack.push(...items[index]!.right.toReversed());
    }
  }
  return order;
}

function sweepOnce(items: readonly Item[], order: readonly number[][], side: "left" | "right"): number[][] {
  const next = order.map((column) => [...column]);
  const position = positions(next, items.length);
  const indexes = next.map((_, index) => index);
  for (const index of side === "left" ? indexes : indexes.reverse()) {
    const column = next[index]!;
    const centre = new Map(column.map((item) => [item, mean(items[item]![side], position) ?? position[item]!]));
    column.sort((a, b) => centre.get(a)! - centre.get(b)! || position[a]! - position[b]!);
    column.forEach((item, at) => (position[item] = at));
  }
  return next;
}

function swapNeighbours(items: readonly Item[], order: readonly number[][]): void {
  const position = positions(order, items.length);
  for (const column of order) {
    for (let at = 0; at + 1 < column.length; at++) {
      const upper = column[at]!;
      const lower = column[at + 1]!;
      if (crossingsOf(items, upper, lower, position) <= crossingsOf(items, lower, upper, position)) continue;
      column[at] = lower;
      column[at + 1] = upper;
      position[lower] = at;
      position[upper] = at + 1;
    }
  }
}

/** Crossings between the links of two neighbours, the first of them above. */
function crossingsOf(items: readonly Item[], upper: number, lower: number, position: readonly number[]): number {
  let crossings = 0;
  for (const side of ["left", "right"] as const) {
    for (const a of items[upper]![side])
      for (const b of items[lower]![side]) if (position[a]! > position[b]!) crossings++;
  }
  return crossings;
}

/** Crossings of the whole order, in O(links x log items). */
export function countCrossings(items: readonly Item[], order: readonly number[][]): number {
  const position = positions(order, items.length);
  let crossings = 0;
  for (let column = 0; column + 1 < order.length; column++) {
    const ends = order[column]!.flatMap((item) => items[item]!.right.map((to) => position[to]!).sort((a, b) => a - b));
    crossings += inversions(ends, order[column + 1]!.length);
  }
  return crossings;
}

function inversions(values: readonly number[], size: number): number {
  const tree = new Int32Array(size + 1);
  let seen = 0;
  let found = 0;
  for (const value of values) {
    let notAbove = 0;
    for (let at = value + 1; at > 0; at -= at & -at) notAbove += tree[at]!;
    found += seen - notAbove;
    for (let at = value + 1; at <= size; at += at & -at) tree[at]! += 1;
    seen++;
  }
  return found;
}

function positions(order: readonly number[][], count: number): number[] {
  const position = new Array<number>(count).fill(0);
  for (const column of order) column.forEach((item, at) => (position[item] = at));
  return position;
}

function mean(indexes: readonly number[], position: readonly number[]): number | undefined {
  if (indexes.length === 0) return undefined;
  let sum = 0;
  for (const index of indexes) sum += position[index]!;
  return sum / indexes.length;
}
