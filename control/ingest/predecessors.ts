import type { Hello } from "#proto/ingest.ts";
import { MAX_NODE_LENGTH, RETURN_MS } from "./limits.ts";
import type { Home, Mark, Settled } from "./marks.ts";

/** What a look at the predecessors of a reporter found. */
export interface Found {
  /** How many ended without a last word. */
  readonly vanished: number;
  /** Instances that need not be looked at again, those that vanished among them. */
  readonly settled: ReadonlyMap<string, Settled>;
}

export interface PredecessorsDeps {
  /** The instances of a node that are not known to have ended. */
  readonly instancesOf: (node: string) => Iterable<readonly [string, Mark]>;
  /** Whether an instance has a stream open. */
  readonly isConnected: (instance: string) => boolean;
  /** Since when reporters can reach this control, milliseconds since the epoch. */
  readonly sinceMs: number;
}

const NOTHING: Found = { vanished: 0, settled: new Map() };

/** Where a reporter runs, if it says so: without node id and process nothing can be said of its end. */
export function homeOf({ nodeId, process }: Hello): Home | undefined {
  return process && nodeId && nodeId.length <= MAX_NODE_LENGTH ? { node: nodeId, process } : undefined;
}

/**
 * Finds reporters that were killed. The only sure sign of an end is that another process reports under the same node
 * id: two cannot have it at once. Who was killed is then whoever of the node's earlier processes has no stream open and
 * did not say Farewell, or said one whose last batch never came. Silence is no sign, since the network may be cut and
 * whoever has nothing to tell is silent; neither is another node id, which a rollout brings each time.
 *
 * Processes that lived beside each other (a hot restart) are not taken for one another's end, and nothing is said in
 * the first moments of a control, when those that live have yet to come back.
 */
export class Predecessors {
  readonly #deps: PredecessorsDeps;

  constructor(deps: PredecessorsDeps) {
    this.#deps = deps;
  }

  /** What is to be said with the next batch of a reporter. Each instance is found once, if the batch is taken in. */
  of(home: Home | undefined, nowMs: number): Found {
    if (!home || nowMs - this.#deps.sinceMs < RETURN_MS) return NOTHING;
    const all = [...this.#deps.instancesOf(home.node)];
    const own = all.filter(([, { process }]) => process === home.process);
    const sinceMs = own.reduce((first, [, { firstMs = nowMs }]) => Math.min(first, firstMs), nowMs);
    const older = all.filter(([, mark]) => isOlder(mark, home, sinceMs));
    if (older.length === 0) return NOTHING;
    const settled = older.map(([instance, mark]) => [instance, this.#fateOf(instance, mark, sinceMs)] as const);
    const vanished = older.filter(([, mark], index) => settled[index]?.[1] === "ended" && !endedWell(mark));
    return { vanished: vanished.length, settled: new Map(settled) };
  }

  #fateOf(instance: string, { heardMs }: Mark, sinceMs: number): Settled {
    return heardMs >= sinceMs || this.#deps.isConnected(instance) ? "beside" : "ended";
  }
}

/** Whether an instance that nobody looked at is of a process that was here before. */
function isOlder({ process, firstMs = 0, settled }: Mark, home: Home, sinceMs: number): boolean {
  return process !== home.process && firstMs < sinceMs && settled === undefined;
}

/** All that it ever cut is here. A Farewell that names less was followed by more, and by no other. */
function endedWell({ farewell, sequence }: Mark): boolean {
  return farewell === sequence;
}
