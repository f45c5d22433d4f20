import { addedUp } from "./identity/added-up.ts";
import type { NodeIdentity } from "./identity/node.ts";
import type { Observation, ReportedWindow } from "./identity/observation.ts";
import { slotOfWhole } from "./world/spread.ts";

/** Windows that fall into the same slot of this length say when it was equally well: so the world has it, too. */
const SLOT_MS = 1_000;
/** Histograms of one counter that wait to be added up. */
const HISTOGRAMS_WAITING = 16;

/**
 * Windows, in which what the pods of a workload say alike of the same second stands once: the first of their windows gets the
 * counters of all, added up. Each window stays, and with it who reported; so do what pods said, losses and requests by name.
 *
 * A history would have as many rows for each edge as its server has pods otherwise, and what waits for it would take as much
 * memory. What is open of TCP each reporter tells for itself, so counters of TCP stay where they are.
 */
export class JoinedWindows {
  readonly #windows: ReportedWindow[] = [];
  /** The first window of each slot, by reporter. */
  readonly #firsts = new Map<string, Map<number, Joint>>();
  #size = 0;

  /** Windows, counters, pods' sums and requests by name that are held. */
  get size(): number {
    return this.#size;
  }

  get windows(): number {
    return this.#windows.length;
  }

  add(window: ReportedWindow): void {
    const joint = this.#jointOf(window);
    const before = joint?.added ?? 0;
    const kept = joint ? joint.take(window) : window;
    this.#windows.push(kept);
    const added = (joint?.added ?? 0) - before;
    this.#size += 1 + added + kept.observations.length + kept.pods.length + kept.exemplars.length;
  }

  /** The windows, as many as were added and in their order. */
  list(): ReportedWindow[] {
    const listed = [...this.#windows];
    for (const slots of this.#firsts.values()) {
      for (const joint of slots.values()) if (joint.isOfSeveral) listed[joint.at] = joint.window();
    }
    return listed;
  }

  /** What a window is to be joined with; undefined where it is the first, or says nothing that could be. */
  #jointOf({ reporter, startMs, durationMs, observations }: ReportedWindow): Joint | undefined {
    const slot = slotOfWhole(startMs, durationMs, SLOT_MS);
    if (slot === undefined || observations.length === 0) return undefined;
    let slots = this.#firsts.get(reporter);
    if (!slots) this.#firsts.set(reporter, (slots = new Map<number, Joint>()));
    const joint = slots.get(slot);
    if (!joint) slots.set(slot, new Joint(this.#windows, this.#windows.length));
    return joint;
  }
}

/** A counter that is being added up. */
interface Sum {
  readonly first: Observation;
  count: number;
  requestBytes: number;
  responseBytes: number;
  histograms: (readonly number[])[];
}

/** Windows that become one with the first of them, made where there is a second. */
class Joint {
  readonly at: number;
  readonly #windows: readonly ReportedWindow[];
  readonly #sums: Sum[] = [];
  readonly #byRoute = new Map<string, Sum[]>();
  readonly #nodes = new Map<string, NodeIdentity>();

  /** @param at where the first one stands in the list */
  constructor(windows: readonly ReportedWindow[], at: number) {
    this.#windows = windows;
    this.at = at;
  }

  get isOfSeveral(): boolean {
    return this.#sums.length > 0;
  }

  /** Counters that the first window did not have. */
  get added(): number {
    return this.isOfSeveral ? this.#sums.length - this.#windows[this.at]!.observations.length : 0;
  }

  /** Adds up the counters of a window. @returns what is left of it */
  take(window: ReportedWindow): ReportedWindow {
    if (!this.isOfSeveral) {
      const { observations, nodes } = this.#windows[this.at]!;
      for (const observation of observations) this.#begin(observation);
      for (const node of nodes) this.#nodes.set(node.id, node);
    }
    const left: Observation[] = [];
    for (const observation of window.observations) {
      if (observation.protocol === "tcp") left.push(observation);
      else this.#add(observation);
    }
    for (const node of window.nodes) this.#nodes.set(node.id, node);
    return { ...window, observations: left, nodes: [] };
  }

  /** The first window with the counters of all. */
  window(): ReportedWindow {
    const observations = this.#sums.map(observationOf);
    return { ...this.#windows[this.at]!, observations, nodes: [...this.#nodes.values()] };
  }

  #begin(first: Observation): void {
    const { route, count, requestBytes, responseBytes, buckets } = first;
    const histograms = buckets.length > 0 ? [buckets] : [];
    const sum: Sum = { first, count, requestBytes, responseBytes, histograms };
    const ofRoute = this.#byRoute.get(route);
    if (ofRoute) ofRoute.push(sum);
    else this.#byRoute.set(route, [sum]);
    this.#sums.push(sum);
  }

  #add(observation: Observation): void {
    const sum = this.#byRoute.get(observation.route)?.find(({ first }) => isAlike(first, observation));
    if (!sum) return this.#begin(observation);
    sum.count += observation.count;
    sum.requestBytes += observation.requestBytes;
    sum.responseBytes += observation.responseBytes;
    if (observation.buckets.length > 0) sum.histograms.push(observation.buckets);
    if (sum.histograms.length > HISTOGRAMS_WAITING) sum.histograms = [addedUp(sum.histograms)];
  }
}

/** Whether two of one route are the same but for their numbers. */
function isAlike(a: Observation, b: Observation): boolean {
  if (a.status !== b.status || a.outcome !== b.outcome || a.side !== b.side || a.protocol !== b.protocol) return false;
  return a.client === b.client && a.server === b.server && a.method === b.method;
}

function observationOf({ first, count, requestBytes, responseBytes, histograms }: Sum): Observation {
  return { ...first, count, requestBytes, responseBytes, buckets: addedUp(histograms) };
}
