/** What the camera goes to when not all of the map can be read at once, and how close. Pure. */
import { SPACING, type Place } from "./layout/graph.ts";

/** Zooms below which words cannot be read: of whole cards, and of cards that show only names, larger. */
const READABLE = { all: 0.74, names: 0.5 } as const;
/** Above this many cards, or on a screen narrower than this many pixels, names come before figures. */
const CROWDED = 60;
const NARROW = 600;

/** The least zoom at which the map may be shown unasked. */
export function readableZoom(cards: number, width: number, hasTrouble: boolean): number {
  return cards > CROWDED || (width < NARROW && !hasTrouble) ? READABLE.names : READABLE.all;
}

/** All of the trouble if it fits at a zoom, else what is at fault; undefined without trouble. */
export function troubleFocus(
  { troubleBounds, faultBounds }: { troubleBounds: Place | undefined; faultBounds: Place | undefined },
  room: { width: number; height: number },
  zoom: number,
): Place | undefined {
  if (!troubleBounds || !faultBounds) return troubleBounds;
  if (troubleBounds.width * zoom < room.width && troubleBounds.height * zoom < room.height) return troubleBounds;
  // What fails, and to the left of it the line that says how.
  return { ...faultBounds, x: faultBounds.x - SPACING.columnMost, width: faultBounds.width + SPACING.columnMost };
}
