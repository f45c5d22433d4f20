/** What the outbox knows of time and chance; tests have their own. */
export interface Clock {
  /** Milliseconds since the epoch. */
  nowMs(): number;
  /** Calls back once it is so late. @returns a function that calls it off */
  at(timeMs: number, callback: () => void): () => void;
  /** From 0 up to 1. */
  random(): number;
}

/** The longest that a timer of Node waits. */
const LONGEST_MS = 2 ** 31 - 1;

export const realClock: Clock = {
  nowMs: () => Date.now(),
  at(timeMs, callback) {
    const timer = setTimeout(callback, Math.min(Math.max(0, timeMs - Date.now()), LONGEST_MS));
    timer.unref();
    return () => clearTimeout(timer);
  },
  random: () => Math.random(),
};
