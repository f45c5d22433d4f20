/**
 * What the layout takes and gives: plain data, so that it crosses to the worker and back as it is. All lengths are
 * pixels at zoom 1; x grows in the direction of requests, y downwards.
 */

/** Something that takes a place: a card, or a group of cards that stay together. */
export interface Box {
  readonly id: string;
  readonly width: number;
  readonly height: number;
}

/** A connection in the direction of requests. */
export interface Link {
  readonly id: string;
  readonly from: string;
  readonly to: string;
}

export interface LayoutGraph {
  readonly boxes: readonly Box[];
  readonly links: readonly Link[];
}

/** Upper left corner and size. */
export interface Place {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** A column that boxes stand in, left to right. */
export interface Column {
  readonly x: number;
  readonly width: number;
}

/** Where a link passes through a column that lies between its ends. */
export interface Bend {
  readonly x: number;
  readonly width: number;
  readonly y: number;
}

/** A cubic Bézier: x and y of its start, of its two handles and of its end. A straight stretch is one too. */
export type Curve = readonly [number, number, number, number, number, number, number, number];

export interface Route {
  /** SVG path data of the line, and of the arrow head at its end. */
  readonly path: string;
  readonly head: string;
  /** The same line as numbers, for what is placed along it. */
  readonly curves: readonly Curve[];
  readonly bends: readonly Bend[];
}

export interface Placement {
  readonly places: ReadonlyMap<string, Place>;
  readonly routes: ReadonlyMap<string, Route>;
  readonly columns: readonly Column[];
  /** Boxes without a link; they wait below the columns and move up when they get one. */
  readonly waiting: ReadonlySet<string>;
}

/** Distances of the drawing. */
export const SPACING = {
  /** Between columns; more where many links pass. */
  column: 78,
  columnMost: 180,
  /** Between boxes of a column, and around the lines that pass between them. */
  row: 28,
  line: 14,
  /** Between the columns and the boxes that wait below. */
  waiting: 72,
} as const;

/** Links that a layout can draw: both ends known. Links from a box to itself are kept apart, they need no column. */
export function usableLinks(graph: LayoutGraph): { between: Link[]; toItself: Link[] } {
  const known = new Set(graph.boxes.map(({ id }) => id));
  const usable = graph.links.filter(({ from, to }) => known.has(from) && known.has(to));
  return {
    between: usable.filter(({ from, to }) => from !== to),
    toItself: usable.filter(({ from, to }) => from === to),
  };
}
