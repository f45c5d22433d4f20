/**
 * Heights: every item wants to stand level with its neighbours, and the order within a column must hold. Per column
 * that is a least-squares fit under "each below the one before", which pooling of adjacent violators solves exactly
 * (isotonic regression, Barlow et al. 1972); sweeps over the columns spread it over the map.
 */

export interface AlignItem {
  readonly height: number;
  /** Free space that it wants above and below. */
  readonly margin: number;
  readonly left: readonly number[];
  readonly right: readonly number[];
  /** How much it insists on being level: bends more than boxes, so that long lines run straight. */
  readonly weight: number;
}

const SWEEPS = 14;

/** Returns the centre of each item; the topmost edge is at 0. */
export function alignColumns(items: readonly AlignItem[], order: readonly number[][]): number[] {
  const centre = stacked(items, order);
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const sides: ("left" | "right")[] = sweep >= SWEEPS - 4 ? ["left", "right"] : [sweep % 2 === 0 ? "left" : "right"];
    const columns = sweep % 2 === 0 ? order : order.toReversed();
    for (const column of columns) {
      fit(items, column, centre, (index) => wanted(items, index, centre, sides));
    }
  }
  const top = Math.min(...order.flat().map((index) => centre[index]! - items[index]!.height / 2));
  return centre.map((value) => value - top);
}

function stacked(items: readonly AlignItem[], order: readonly number[][]): number[] {
  const centre = new Array<number>(items.length).fill(0);
  for (const column of order) {
    let at = 0;
    column.forEach((index, row) => {
      if (row > 0) at += distance(items[column[row - 1]!]!, items[index]!);
      centre[index] = at;
    });
    // Columns start centred on each other; the sweeps pull them level from there.
    for (const index of column) centre[index]! -= at / 2;
  }
  return centre;
}

function wanted(
  items: readonly AlignItem[],
  index: number,
  centre: readonly number[],
  sides: ("left" | "right")[],
): number {
  let sum = 0;
  let weights = 0;
  for (const side of sides) {
    for (const neighbour of items[index]![side]) {
      const weight = items[neighbour]!.weight;
      sum += centre[neighbour]! * weight;
      weights += weight;
    }
  }
  return weights === 0 ? centre[index]! : sum / weights;
}

/** Centres of two items that stand directly below each other are at least this far apart. */
function distance(upper: AlignItem, lower: AlignItem): number {
  return (upper.height + lower.height) / 2 + Math.max(upper.margin, lower.margin);
}

/** Pooling of adjacent violators, on the wishes less what the items above take up. */
function fit(
  items: readonly AlignItem[],
  column: readonly number[],
  centre: number[],
  wish: (index: number) => number,
): void {
  const pools: { sum: number; weight: number; count: number }[] = [];
  const offsets: number[] = [];
  let offset = 0;
  column.forEach((index, row) => {
    if (row > 0) offset += distance(items[column[row - 1]!]!, items[index]!);
    offsets.push(offset);
    const weight = items[index]!.weight;
    let pool = { sum: (wish(index) - offset) * weight, weight, count: 1 };
    let above = pools[pools.length - 1];
    while (above && above.sum / above.weight >= pool.sum / pool.weight) {
      pool = { sum: above.sum + pool.sum, weight: above.weight + pool.weight, count: above.count + pool.count };
      pools.pop();
      above = pools[pools.length - 1];
    }
    pools.push(pool);
  });
  let row = 0;
  for (const pool of pools) {
    for (let step = 0; step < pool.count; step++, row++) centre[column[row]!] = pool.sum / pool.weight + offsets[row]!;
  }
}
