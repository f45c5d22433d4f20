import type { ReceivedBatch } from "./envelope.ts";
import { MAX_RECENT_BYTES } from "./limits.ts";
import type { Home, Settled } from "./marks.ts";

/** What one append hands over. */
export interface Arrival {
  readonly instance: string;
  readonly sequence: number;
  readonly receivedMs: number;
  /** The entry to keep. */
  readonly value: Buffer;
  /** What `value` holds, where it need not be taken out of it again. */
  readonly received?: ReceivedBatch | undefined;
  /** The raw batch, when it could not be read and `value` only stands in for it. */
  readonly quarantined?: Uint8Array;
  /** Where the instance runs, as far as it says. */
  readonly home?: Home | undefined;
  /** Instances whose end was looked into for this entry, which tells of those that vanished. */
  readonly settles?: ReadonlyMap<string, Settled>;
}

/** What shares a commit. */
export class Group {
  readonly arrivals: Arrival[] = [];
  /** Instances whose marks change. */
  readonly touched = new Set<string>();
  readonly durable: Promise<void>;
  bytes = 0;
  succeed!: () => void;
  fail!: (error: Error) => void;

  constructor() {
    this.durable = new Promise((resolve, reject) => {
      this.succeed = resolve;
      this.fail = reject;
    });
    // Who appended may have gone by the time that the disk refuses.
    this.durable.catch(() => undefined);
  }

  add(arrival: Arrival): void {
    const mayStay = this.bytes + arrival.value.length <= MAX_RECENT_BYTES;
    this.arrivals.push(mayStay ? arrival : { ...arrival, received: undefined });
    this.touched.add(arrival.instance);
    this.bytes += arrival.value.length;
  }
}
