/**
 * Where the words of lines stand: on a free stretch of their own line, never on a card, on other words or, for quiet
 * ones, on another line. What finds no room is left out. Greedy in the order of the wishes, so whoever comes first
 * stands best; the same wishes on the same map give the same places. Pure.
 */
import { spotsAlong, type Spot } from "./along.ts";
import type { Place, Route } from "./layout/graph.ts";

export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface LabelWish {
  /** The link. */
  readonly id: string;
  /** Forms that it can take, the best first, in pixels of the map. */
  readonly sizes: readonly Size[];
  /** A loud one may stand beside its line and across quiet lines rather than nowhere. */
  readonly loud: boolean;
}

export interface Label {
  readonly id: string;
  /** The middle of it. */
  readonly x: number;
  readonly y: number;
  /** Which of its sizes had room. */
  readonly form: number;
}

/** The map that labels must fit in. */
export interface Ground {
  /** Cards, and labels that stand already. */
  readonly taken: readonly Place[];
  readonly routes: ReadonlyMap<string, Route>;
  /** The points of those lines that can be seen. */
  readonly lines: LinePoints;
}

/** Pixels kept free around what is taken; a quiet label lets arrow heads be seen, a loud one may touch. */
const MARGIN = { quiet: 5, loud: 1 } as const;
/** Distance of the places that are tried along a line, and of the points that stand for other lines. */
const STEP = { tried: 4, line: 6 } as const;
/** The ends of a line belong to its ports and its head. */
const ENDS = 0.06;
/** Share of a label's width around its middle. */
const HEART = 0.6;
/** Edge of the squares by which points of lines are found. */
const CELL = 64;
/** How far beside its line a loud label may stand, in heights of its own. */
const BESIDE = [0, -0.62, 0.62, -1.1, 1.1] as const;
/** What a place costs: away from the middle, beside the line, over other lines. */
const COST = { away: 1, beside: 0.4, crossed: 0.35 } as const;

/** Places as many labels as have room. */
export function placeLabels(wishes: readonly LabelWish[], ground: Ground): Label[] {
  const { routes, lines } = ground;
  const taken = [...ground.taken];
  const labels: Label[] = [];
  for (const wish of wishes) {
    const route = routes.get(wish.id);
    const label = route && placeOne(wish, spotsAlong(route, STEP.tried), { taken, lines });
    if (!label) continue;
    labels.push(label);
    taken.push(around(label, wish.sizes[label.form]!));
  }
  return labels;
}

interface Surroundings {
  readonly taken: readonly Place[];
  readonly lines: LinePoints;
}

function placeOne(wish: LabelWish, spots: readonly Spot[], { taken, lines }: Surroundings): Label | undefined {
  for (const [form, size] of wish.sizes.entries()) {
    let best: Label | undefined;
    let bestCost = Infinity;
    for (const { x, y, beside, cost } of candidates(spots, size, wish.loud)) {
      const place = around({ x, y }, size);
      const room = grown(place, wish.loud ? MARGIN.loud : MARGIN.quiet);
      if (cost >= bestCost || taken.some((other) => overlap(room, other))) continue;
      if (!wish.loud && lines.crossing(heartOf(place), wish.id) > 0) continue;
      const total = cost + lines.crossing(place, wish.id) * COST.crossed + (beside ? COST.beside : 0);
      if (total < bestCost) [best, bestCost] = [{ id: wish.id, x, y, form }, total];
    }
    if (best) return best;
  }
  return undefined;
}

function* candidates(
  spots: readonly Spot[],
  { height }: Size,
  loud: boolean,
): Generator<{ x: number; y: number; beside: boolean; cost: number }> {
  for (const { x, y, share } of spots) {
    if (share < ENDS || share > 1 - ENDS) continue;
    const cost = Math.abs(share - 0.5) * COST.away;
    for (const beside of loud ? BESIDE : BESIDE.slice(0, 1)) {
      yield { x, y: y + beside * height, beside: beside !== 0, cost };
    }
  }
}

/** Points of many lines, found by the square that they lie in. */
export class LinePoints {
  #cells = new Map<string, { id: string; x: number; y: number }[]>();

  constructor(routes: Iterable<readonly [string, Route]>) {
    for (const [id, route] of routes) {
      for (const { x, y } of spotsAlong(route, STEP.line)) {
        const key = `${Math.floor(x / CELL)} ${Math.floor(y / CELL)}`;
        const cell = this.#cells.get(key);
        if (cell) cell.push({ id, x, y });
        else this.#cells.set(key, [{ id, x, y }]);
      }
    }
  }

  /** How many lines other than its own run through a place. */
  crossing({ x, y, width, height }: Place, own: string): number {
    const found = new Set<string>();
    for (let column = Math.floor(x / CELL); column <= Math.floor((x + width) / CELL); column++) {
      for (let row = Math.floor(y / CELL); row <= Math.floor((y + height) / CELL); row++) {
        for (const point of this.#cells.get(`${column} ${row}`) ?? []) {
          const inside = point.x >= x && point.x <= x + width && point.y >= y && point.y <= y + height;
          if (inside && point.id !== own) found.add(point.id);
        }
      }
    }
    return found.size;
  }
}

/** The rectangle of a size around its middle. */
export function around({ x, y }: { x: number; y: number }, { width, height }: Size): Place {
  return { x: x - width / 2, y: y - height / 2, width, height };
}

/** The part of a quiet label that no other line may cross, or it would be read as that line's. */
function heartOf({ x, y, width, height }: Place): Place {
  return { x: x + (width * (1 - HEART)) / 2, y, width: width * HEART, height };
}

function grown({ x, y, width, height }: Place, by: number): Place {
  return { x: x - by, y: y - by, width: width + 2 * by, height: height + 2 * by };
}

function overlap(a: Place, b: Place): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}
