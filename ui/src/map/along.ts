/** Points along a line of the map, at equal steps, for whatever wants to stand on it or keep off it. Pure. */
import type { Curve, Route } from "./layout/graph.ts";

export interface Spot {
  readonly x: number;
  readonly y: number;
  /** How far along the line: 0 at its start, 1 at its end. */
  readonly share: number;
}

/** Straight pieces that a curve is measured by. */
const PIECES = 24;

/** Spots about every `step` pixels, the same for the same line. Both ends and the middle are among them. */
export function spotsAlong({ curves }: Pick<Route, "curves">, step: number): Spot[] {
  const points = [{ x: curves[0]![0], y: curves[0]![1] }, ...curves.flatMap(flatten)];
  const lengths = points.map(({ x, y }, at) =>
    at === 0 ? 0 : Math.hypot(x - points[at - 1]!.x, y - points[at - 1]!.y),
  );
  const total = lengths.reduce((sum, length) => sum + length, 0);
  const count = 2 * Math.max(1, Math.round(total / step / 2));
  const spots: Spot[] = [];
  let at = 1;
  let passed = 0;
  for (let index = 0; index <= count; index++) {
    const wanted = (total * index) / count;
    while (at < points.length - 1 && passed + lengths[at]! < wanted) passed += lengths[at++]!;
    const t = lengths[at]! === 0 ? 0 : Math.min(1, (wanted - passed) / lengths[at]!);
    const [from, to] = [points[at - 1]!, points[at]!];
    spots.push({
      x: tenths(from.x + (to.x - from.x) * t),
      y: tenths(from.y + (to.y - from.y) * t),
      share: index / count,
    });
  }
  return spots;
}

/** A curve as the ends of short straight pieces, without its start. */
function flatten([x0, y0, x1, y1, x2, y2, x3, y3]: Curve): { x: number; y: number }[] {
  return Array.from({ length: PIECES }, (_, index) => {
    const t = (index + 1) / PIECES;
    const u = 1 - t;
    const [a, b, c, d] = [u * u * u, 3 * u * u * t, 3 * u * t * t, t * t * t];
    return { x: a * x0 + b * x1 + c * x2 + d * x3, y: a * y0 + b * y1 + c * y2 + d * y3 };
  });
}

function tenths(value: number): number {
  return Math.round(value * 10) / 10;
}
