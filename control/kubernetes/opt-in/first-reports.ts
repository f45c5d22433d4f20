import type { OptedInWorkload } from "../../api/opt-in-source.ts";
import type { Notice } from "./events.ts";
import type { PlannedWorkload } from "./plan.ts";
import { regardingOf } from "./regarding.ts";

/** Reporters that told of themselves before are back so long after a start of control (wasm-filter/envoy/delivery.ts). */
const RETURNED_MS = 60_000;
const NOTE = "Its sidecars report: its requests are on the map, in history and in the tables of Sidelight";

/**
 * Whose first report came while this process lived, so that a start of control tells nobody again. Times are milliseconds since
 * the epoch.
 */
export class FirstReports {
  readonly #startedMs: number;
  /** Who has reported, by node id, and whether that was the first time. */
  readonly #seen = new Map<string, boolean>();

  constructor(startedMs: number) {
    this.#startedMs = startedMs;
  }

  /**
   * All there is to tell, also what was told before.
   * @param planned the same workloads, in the same order
   */
  notices(workloads: readonly OptedInWorkload[], planned: readonly PlannedWorkload[], nowMs: number): Notice[] {
    const on = new Set<string>();
    const notices = workloads.flatMap((workload, index): Notice[] => {
      const plan = planned[index];
      const { plugin, state } = workload;
      if (!plan || !plugin) return [];
      const node = `${plan.namespace}/${plan.name}`;
      on.add(node);
      if (state === "reporting" && !this.#seen.has(node)) {
        this.#seen.set(node, plugin.sinceMs >= this.#startedMs || nowMs >= this.#startedMs + RETURNED_MS);
      }
      return this.#seen.get(node) ? [{ regarding: regardingOf(plan), reason: "Observed", note: NOTE }] : [];
    });
    for (const node of this.#seen.keys()) if (!on.has(node)) this.#seen.delete(node);
    return notices;
  }
}
