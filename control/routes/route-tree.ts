/**
 * The routes of one service as a tree of segments, and what was seen of each: the evidence that places are learned from.
 *
 * Evidence does not depend on order. A segment remembers in which stretches of ten seconds it was seen, as bits of one
 * word that are only ever set; so it does not matter how often a window is read, how it is cut, in which order windows
 * come, nor that two reporters saw the same request.
 */
import { MAX_SEGMENTS } from "./limits.ts";

/** What stands where an id stood. */
export const ID = "{id}";
/** What a reporter writes for a path that was too long to be kept whole. */
const REST = "**";

const SLOT_MS = 10_000;

/** A segment at its place in the tree. */
export class RouteNode {
  readonly name: string;
  readonly parent: RouteNode | undefined;
  readonly children = new Map<string, RouteNode>();
  /** A bit for each stretch of time in which it was seen, by its hash: up to 32 of them can be told apart. */
  seen = 0;
  /** Requests for it and for what is below it, each as often as it was reported. */
  count = 0;
  /** What was done with it (not with what is below), a bit a kind. */
  methods = 0;
  /** What was learned of the segments below: that they are ids, but for the names that are kept. */
  place: LearnedPlace | undefined;

  constructor(name: string, parent?: RouteNode) {
    this.name = name;
    this.parent = parent;
  }

  /** How many stretches of time it was seen in; those past 32 do not count. */
  get sightings(): number {
    return bitsOf(this.seen);
  }

  /** "/customers/{id}" for the node of what stands behind it. Empty for the root. */
  get path(): string {
    return this.parent ? `${this.parent.path}/${this.name}` : "";
  }

  /** Whether this segment could be a value of an id: it is no template itself. */
  get isValue(): boolean {
    return !this.name.includes("{") && !this.name.includes("*");
  }

  /** The child that a segment belongs to, and how it is written; undefined where nothing like it was seen. */
  step(segment: string): { readonly name: string; readonly node: RouteNode | undefined } {
    const name = this.place && !this.place.names.has(segment) ? ID : segment;
    return { name, node: this.children.get(name) };
  }
}

/** Behind this node stand ids. */
export interface LearnedPlace {
  /** When it was learned, milliseconds since the epoch, and out of how many different values. */
  readonly sinceMs: number;
  readonly values: number;
  /** Names that stay: they were well known when the rest turned out to be ids. */
  readonly names: ReadonlySet<string>;
}

/** Kinds of methods: those that only read, and one bit for each of the others. */
export const READ = 1;
const METHODS: Readonly<Record<string, number>> = { GET: READ, HEAD: READ, POST: 2, PUT: 4, PATCH: 8, DELETE: 16 };

/** OPTIONS and its like are asked of anything and tell nothing. */
export function methodBit(method: string): number {
  return METHODS[method] ?? 0;
}

/** A route taken apart. `rest` is the "/**" at its end. */
export interface RouteParts {
  readonly segments: readonly string[];
  readonly rest: string;
}

/** Takes a route apart; undefined where it is none ("~other", "*", what opaque TCP has). */
export function segmentsOf(route: string): RouteParts | undefined {
  if (!route.startsWith("/")) return undefined;
  const segments = route.split("/").filter((segment) => segment !== "");
  const isCut = segments.at(-1) === REST;
  if (isCut) segments.pop();
  return segments.length > MAX_SEGMENTS ? undefined : { segments, rest: isCut ? `/${REST}` : "" };
}

/** The bit of a stretch of time. Multiplied by 2^32 over the golden ratio, so that what comes at regular times spreads. */
export function slotBit(atMs: number): number {
  const slot = Math.floor(atMs / SLOT_MS);
  return 1 << (Math.imul(slot, 0x9e3779b1) >>> 27);
}

/** Bits that are set in a word of 32. */
export function bitsOf(word: number): number {
  let bits = word - ((word >>> 1) & 0x55555555);
  bits = (bits & 0x33333333) + ((bits >>> 2) & 0x33333333);
  return Math.imul((bits + (bits >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
