import type { Hello, Tap } from "#proto/ingest.ts";

/** Which requests a tap takes, in the words of the contract. */
export type TapFilter = Omit<Tap, "id" | "durationMillis" | "perSecond">;

/** What somebody wants to see live. */
export interface TapQuestion {
  /** Node id of the workload whose reporters are asked. */
  readonly workload: string;
  /** Requests a second over all of them, 1 to MAX_TAP_RATE. */
  readonly perSecond: number;
  /** Milliseconds, at most MAX_TAP_MS. */
  readonly durationMs: number;
  readonly filter: TapFilter;
}

/** The stream of a reporter, as far as taps go. */
export interface TapStream {
  readonly hello: Hello;
  /** Sends a tap. False where that cannot be done now, and the reporter does not know of it. */
  tell(tap: Tap): boolean;
}

/** A `Tapped` as it came in. Milliseconds since the epoch on control's clock, and what to add to the reporter's to get it. */
export interface TappedBytes {
  readonly bytes: Uint8Array;
  readonly receivedMs: number;
  readonly clockOffsetMs: number;
}

/** What the streams of reporters tell of taps; tap-hub.ts keeps them. */
export interface Taps {
  joined(stream: TapStream): void;
  left(stream: TapStream): void;
  take(stream: TapStream, tapped: TappedBytes): void;
  /** Ends all of them, since control is stopping. */
  stop(): void;
}

/** Where time comes from. Tests hand in a clock that they move themselves. */
export interface TapClock {
  /** Milliseconds on a clock that never jumps. */
  elapsed(): number;
  /** Calls back once after `delayMs`; the answer cancels it. */
  after(delayMs: number, callback: () => void): () => void;
}

/** All places are taken. Boundaries turn it into 503 or RESOURCE_EXHAUSTED. */
export class TooManyTaps extends Error {
  constructor(message: string) {
    super(message);
    this.name = "TooManyTaps";
  }
}
