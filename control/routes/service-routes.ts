import { MIN_ALIKE, areIds, namesAmong, valuesOf } from "./decision.ts";
import { MAX_FORGOTTEN, MAX_KEPT_NAMES, MAX_NODES_PER_SERVICE, MAX_PLACES } from "./limits.ts";
import { ID, RouteNode, methodBit, segmentsOf, slotBit } from "./route-tree.ts";
import type { LearnedPlace } from "./route-tree.ts";

/** A learned place by its route: "/customers/{id}". */
export interface Place extends LearnedPlace {
  readonly place: string;
}

/** Requests for one route. */
export interface Sight {
  readonly method: string;
  readonly route: string;
  readonly count: number;
}

/** Nodes that all services together may still have. */
export interface NodeBudget {
  left: number;
}

/** What was given up, since the start. */
export interface RouteCuts {
  /** Sightings of routes that found no room in the tree of their service. */
  nodes: number;
  /** Places that were not learned, since the service has as many as it may have. */
  places: number;
}

/** What one service's routes have taught: the tree of what was seen, and the places learned from it. */
export class ServiceRoutes {
  readonly #root = new RouteNode("");
  readonly #forgotten = new Set<string>();
  /** Nodes that got a value since the last decision. */
  readonly #grown = new Set<RouteNode>();
  readonly #budget: NodeBudget;
  readonly #cuts: RouteCuts;
  #nodes = 0;
  #places = 0;
  /** The stretch of time in which room was made last: once in each is enough. */
  #prunedAt = 0;

  constructor(budget: NodeBudget, cuts: RouteCuts) {
    this.#budget = budget;
    this.#cuts = cuts;
  }

  /** Places that must not be learned (again). */
  get forgotten(): readonly string[] {
    return [...this.#forgotten];
  }

  get placeCount(): number {
    return this.#places;
  }

  /** Takes over what was learned before, in any order. Bounded as learning is. */
  restore(places: readonly Place[], forgotten: readonly string[]): void {
    for (const place of forgotten.slice(0, MAX_FORGOTTEN)) this.#forgotten.add(place);
    for (const { place, sinceMs, values, names } of places) {
      const segments = segmentsOf(place)?.segments;
      if (!segments || segments.at(-1) !== ID || this.#places === MAX_PLACES || this.#forgotten.has(place)) continue;
      let node = this.#root;
      for (const segment of segments.slice(0, -1)) node = node.children.get(segment) ?? this.#add(node, segment);
      if (!node.children.has(ID)) this.#add(node, ID);
      if (!node.place) this.#places += 1;
      node.place = { sinceMs, values, names };
    }
  }

  /** A route as the places say. One that says so already stays as it is. */
  template(route: string): string {
    const parts = this.#places > 0 ? segmentsOf(route) : undefined;
    if (!parts) return route;
    let node: RouteNode | undefined = this.#root;
    let template = "";
    for (const segment of parts.segments) {
      const step: ReturnType<RouteNode["step"]> | undefined = node?.step(segment);
      template += `/${step?.name ?? segment}`;
      node = step?.node;
    }
    return template === "" ? route : template + parts.rest;
  }

  /**
   * Takes requests as evidence: they were answered in a window that began at `atMs`, milliseconds since the epoch.
   * @param parts those of the route, where it was taken apart already
   */
  see({ method, route, count }: Sight, atMs: number, parts = segmentsOf(route)): void {
    if (!parts) return;
    const bit = slotBit(atMs);
    let node = this.#root;
    for (const segment of parts.segments) {
      this.#mark(node, bit, count);
      const { name, node: known } = node.step(segment);
      const next = known ?? this.#grow(node, name, bit);
      if (!next) return;
      node = next;
    }
    this.#mark(node, bit, count);
    if (!parts.rest) node.methods |= methodBit(method);
  }

  /** Notes that a node was seen; with time its values say more, even where none is added. */
  #mark(node: RouteNode, bit: number, count: number): void {
    node.count += count;
    if ((node.seen & bit) !== 0) return;
    node.seen |= bit;
    if (node.children.size >= MIN_ALIKE) this.#grown.add(node);
  }

  /**
   * Learns what the evidence says by now, from the root on, since what becomes one there is more evidence further down.
   * @param nowMs milliseconds since the epoch
   * @returns whether anything was learned
   */
  decide(nowMs: number): boolean {
    let isLearned = false;
    while (this.#grown.size > 0) {
      const grown = [...this.#grown].sort(byPath);
      this.#grown.clear();
      for (const node of grown) if (this.#mayLearn(node) && this.#learn(node, nowMs)) isLearned = true;
    }
    return isLearned;
  }

  /** Undoes a learned place and never learns it again. @returns whether there was one */
  forget(place: string): boolean {
    const node = this.#nodeAt(place);
    if (!node?.place) return false;
    node.place = undefined;
    this.#places -= 1;
    // The oldest go, so that a script cannot make the book grow.
    for (const oldest of this.#forgotten) if (this.#forgotten.size >= MAX_FORGOTTEN) this.#forgotten.delete(oldest);
    this.#forgotten.add(place);
    return true;
  }

  /** What was learned, in the order of the routes. */
  places(): Place[] {
    const places: Place[] = [];
    const visit = (node: RouteNode): void => {
      if (node.place) places.push({ place: `${node.path}/${ID}`, ...node.place });
      for (const child of node.children.values()) visit(child);
    };
    visit(this.#root);
    return places.sort((a, b) => (a.place < b.place ? -1 : 1));
  }

  #nodeAt(place: string): RouteNode | undefined {
    const segments = segmentsOf(place)?.segments;
    if (segments?.at(-1) !== ID) return undefined;
    let node: RouteNode | undefined = this.#root;
    for (const segment of segments.slice(0, -1)) node = node?.children.get(segment);
    return node;
  }

  #mayLearn(node: RouteNode): boolean {
    return !node.place && isInTree(node) && !this.#forgotten.has(`${node.path}/${ID}`) && areIds(node);
  }

  #learn(node: RouteNode, nowMs: number): boolean {
    if (this.#places >= MAX_PLACES) {
      this.#cuts.places += 1;
      return false;
    }
    const names = namesAmong(node);
    this.#setPlace(node, { sinceMs: nowMs, values: valuesOf(node).length - names.size, names });
    return true;
  }

  #setPlace(node: RouteNode, place: LearnedPlace): void {
    if (!node.place) this.#places += 1;
    node.place = place;
    const id = node.children.get(ID) ?? this.#add(node, ID);
    for (const child of [...node.children.values()]) {
      if (child !== id && !place.names.has(child.name)) this.#merge(id, child);
    }
  }

  /** Makes `from`, a sibling or a sibling's child, a part of `into`. */
  #merge(into: RouteNode, from: RouteNode): void {
    this.#drop(from);
    into.seen |= from.seen;
    into.count += from.count;
    into.methods |= from.methods;
    this.#grown.add(into);
    if (from.place) {
      this.#places -= 1;
      if (!this.#forgotten.has(`${into.path}/${ID}`)) this.#setPlace(into, jointPlace(into.place, from.place));
    }
    for (const child of [...from.children.values()]) {
      const { name, node } = into.step(child.name);
      this.#merge(node ?? this.#add(into, name), child);
    }
  }

  #grow(node: RouteNode, name: string, bit: number): RouteNode | undefined {
    if (this.#isFull && this.#prunedAt !== bit) {
      this.#prunedAt = bit;
      this.#prune(this.#root, bit);
    }
    if (this.#isFull) {
      this.#cuts.nodes += 1;
      return undefined;
    }
    this.#grown.add(node);
    return this.#add(node, name);
  }

  get #isFull(): boolean {
    return this.#nodes >= MAX_NODES_PER_SERVICE || this.#budget.left <= 0;
  }

  /** Lets go what was seen in one stretch of time only, and not in this one. @returns whether a node may go too */
  #prune(node: RouteNode, bit: number): boolean {
    let isNeeded = node.place !== undefined || node.sightings > 1 || (node.seen & bit) !== 0;
    for (const child of [...node.children.values()]) {
      if (this.#prune(child, bit)) this.#drop(child);
      else isNeeded = true;
    }
    return !isNeeded;
  }

  #add(parent: RouteNode, name: string): RouteNode {
    const node = new RouteNode(name, parent);
    parent.children.set(name, node);
    this.#nodes += 1;
    this.#budget.left -= 1;
    return node;
  }

  /** Takes a node out; those below it are to be merged or gone. */
  #drop(node: RouteNode): void {
    if (node.parent?.children.get(node.name) === node) node.parent.children.delete(node.name);
    this.#nodes -= 1;
    this.#budget.left += 1;
  }
}

/** The shorter route first, so that what is nearer to the root is decided first. */
function byPath(a: RouteNode, b: RouteNode): number {
  const [left, right] = [a.path, b.path];
  const depth = left.split("/").length - right.split("/").length;
  return depth || (left < right ? -1 : 1);
}

function isInTree(node: RouteNode): boolean {
  if (!node.parent) return true;
  return node.parent.children.get(node.name) === node && isInTree(node.parent);
}

/** Two places that turn out to be one: the older, with the names of both. */
function jointPlace(a: LearnedPlace | undefined, b: LearnedPlace): LearnedPlace {
  if (!a) return b;
  const names = new Set([...a.names, ...b.names]);
  return {
    sinceMs: Math.min(a.sinceMs, b.sinceMs),
    values: Math.max(a.values, b.values),
    names: names.size > MAX_KEPT_NAMES ? a.names : names,
  };
}
