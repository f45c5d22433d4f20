/** History as alert rules read it: step after step, of each what was counted in it. */
import type { Protocol, ReporterSide } from "../identity/observation.ts";
import type { Buckets } from "../world/histogram.ts";
import type { TimeRange } from "./time-range.ts";

export interface StepsQuestion {
  readonly range: TimeRange;
  /** One of STEPS_MS (resolutions.ts). Steps lie on whole multiples of it; the first and the last have what of them lies in the range. */
  readonly stepMs: number;
  /**
   * What is told; all of it, where left out. Asked once of each series. The reporter rule heeds what is not told too.
   */
  readonly matches?: (series: StepSeries) => boolean;
}

/** Something that is counted, under the route that it has by now. In one answer each is one object: it can be the key of a map. */
export interface StepSeries {
  /** Node ids. */
  readonly client: string;
  readonly server: string;
  readonly protocol: Protocol;
  readonly method: string;
  readonly route: string;
}

/** What was counted of a series in a step. */
export interface StepCount {
  readonly series: StepSeries;
  /** Whose report it is. */
  readonly side: ReporterSide;
  /** Whose sidecars reported it, shown or not. */
  readonly by: { readonly client: boolean; readonly server: boolean };
  /** Requests, or connections that were opened or failed, in the order of OUTCOMES; all 0 where only bytes went over them. */
  readonly outcomes: readonly number[];
  /** Latencies of all outcomes; of TCP how long connections lived that closed. What went on as another protocol (status 101) has none. */
  readonly buckets: Buckets;
}

/** A step in which something was counted. */
export interface HistoryStep {
  /** Where the step begins, which may be before the range. */
  readonly atMs: number;
  /** By the reporter rule, applied to this step alone. One for each series, in no order. Never empty. */
  readonly counts: readonly StepCount[];
}
