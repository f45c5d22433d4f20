import { setTimeout as sleep } from "node:timers/promises";
import type { NodeIdentity } from "../../control/identity/node.ts";
import type { Exemplar, ReportedWindow } from "../../control/identity/observation.ts";
import type { RouteOf } from "../../control/routes/route-of.ts";
import type { AlertEvent } from "../../control/store/alert-event.ts";
import type { HistoryStep } from "../../control/store/history-step.ts";
import type { EdgeTotal, PodRangeSums, RangeSums, SeriesAnswer, Store } from "../../control/store/store.ts";

/** A store in memory that keeps the contract of `append`, and fails and dawdles as it is told. */
export class RecordingStore implements Store {
  readonly kept: ReportedWindow[] = [];
  readonly alerts: AlertEvent[] = [];
  appends = 0;
  expired = 0;
  /** `refuse`: nothing is written. `forget`: it is written, and the answer is an error all the same. */
  failing: "no" | "refuse" | "forget" = "no";
  delayMs = 0;
  #cursor = 0;

  async append(windows: readonly ReportedWindow[], cursor: number): Promise<void> {
    this.appends += 1;
    if (this.delayMs > 0) await sleep(this.delayMs);
    if (this.failing === "refuse") throw new Error("the engine is away");
    if (cursor > this.#cursor) {
      this.kept.push(...windows);
      this.#cursor = cursor;
    }
    if (this.failing === "forget") throw new Error("the connection broke after the commit");
  }

  moveRoutes(routeOf: RouteOf): Promise<void> {
    const moved = this.kept.map((window) => ({
      ...window,
      observations: window.observations.map((one) => ({ ...one, route: routeOf(one) })),
    }));
    this.kept.splice(0, this.kept.length, ...moved);
    return Promise.resolve();
  }

  cursor(): Promise<number> {
    return Promise.resolve(this.#cursor);
  }

  async *windows(): AsyncGenerator<ReportedWindow> {
    await Promise.resolve();
    yield* this.kept;
  }

  nodes(): Promise<NodeIdentity[]> {
    return Promise.resolve(this.kept.flatMap((window) => window.nodes));
  }

  expire(): Promise<void> {
    this.expired += 1;
    return Promise.resolve();
  }

  series(): Promise<SeriesAnswer> {
    return Promise.resolve({ series: [], groupCount: 0 });
  }

  async *steps(): AsyncGenerator<HistoryStep> {
    // There are none.
  }

  totals(): Promise<EdgeTotal[]> {
    return Promise.resolve([]);
  }

  sums(): Promise<RangeSums> {
    return Promise.resolve({ observations: [], nodes: [], losses: [], reporters: null });
  }

  pods(): Promise<PodRangeSums> {
    return Promise.resolve({ traffic: [], nodes: [] });
  }

  exemplars(): Promise<Exemplar[]> {
    return Promise.resolve(this.kept.flatMap((window) => window.exemplars));
  }

  recordAlerts(events: readonly AlertEvent[]): Promise<void> {
    this.alerts.push(...events);
    return Promise.resolve();
  }

  alertEvents(): Promise<AlertEvent[]> {
    return Promise.resolve([...this.alerts].reverse());
  }

  losses(): Promise<[]> {
    return Promise.resolve([]);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
