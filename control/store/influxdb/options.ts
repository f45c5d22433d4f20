import type { ExemplarLimits } from "../exemplar-budget.ts";
import type { Kept } from "../resolutions.ts";
import type { DropReason, InfluxServer } from "./client.ts";

export interface InfluxOptions extends InfluxServer {
  /** What the names of the buckets begin with. */
  readonly prefix: string;
  /** The journal's file, in a folder that this control has for itself. */
  readonly journal: string;
  /** How long each resolution is kept. */
  readonly kept?: Kept;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Told of what went wrong and will be tried again, or does no harm. */
  readonly warn: (error: Error) => void;
  /** Told of points that InfluxDB does not take and that were given up. */
  readonly onDropped: (reason: DropReason, points: number, error: Error) => void;
  readonly maxSeries?: number;
  /** Series of what pods said that this control writes. */
  readonly maxPodSeries?: number;
  readonly exemplarLimits?: ExemplarLimits;
  /** Whether InfluxDB itself drops what is old; off where the history's time is not the server's. */
  readonly retention?: boolean;
}
