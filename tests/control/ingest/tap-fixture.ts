/** A hub with a clock that the test moves, and reporters that remember what they were told. */
import { ExemplarReason, Tapped } from "#proto/ingest.ts";
import type { Hello, Tap } from "#proto/ingest.ts";
import { TapHub } from "../../../control/ingest/tap-hub.ts";
import type { TapSubscription } from "../../../control/ingest/tap-subscription.ts";
import type { TapClock, TapFilter, TapQuestion, TapStream } from "../../../control/ingest/taps.ts";
import { batchOf } from "../batches.ts";
import type { ExemplarWords } from "../batches.ts";
import { helloOf } from "../reporter-client.ts";

export class ManualClock implements TapClock {
  #nowMs = 0;
  readonly #timers = new Set<{ dueMs: number; callback: () => void }>();

  elapsed(): number {
    return this.#nowMs;
  }

  after(delayMs: number, callback: () => void): () => void {
    const timer = { dueMs: this.#nowMs + delayMs, callback };
    this.#timers.add(timer);
    return () => void this.#timers.delete(timer);
  }

  /** Lets so much time pass; what becomes due is called in its order. */
  pass(ms: number): void {
    const endMs = this.#nowMs + ms;
    for (;;) {
      const [next] = [...this.#timers].filter(({ dueMs }) => dueMs <= endMs).sort((a, b) => a.dueMs - b.dueMs);
      if (!next) break;
      this.#timers.delete(next);
      this.#nowMs = Math.max(this.#nowMs, next.dueMs);
      next.callback();
    }
    this.#nowMs = endMs;
  }

  get timers(): number {
    return this.#timers.size;
  }
}

export interface Shown {
  readonly path: string;
  readonly pod: string;
  readonly atMs: number;
}

/** A reporter's stream that remembers what it was told. */
export class FakeStream implements TapStream {
  readonly told: Tap[] = [];
  readonly hello: Hello;
  /** Reads nothing, so it can be told nothing. */
  isSlow = false;

  constructor(workload: string, pod = "") {
    this.hello = helloOf({ namespace: "shop", workload, pod });
  }

  tell(tap: Tap): boolean {
    if (!this.isSlow) this.told.push(tap);
    return !this.isSlow;
  }

  get last(): Tap | undefined {
    return this.told.at(-1);
  }

  /** What it was told, each as "id rate duration". */
  get words(): string[] {
    return this.told.map(({ id, perSecond, durationMillis }) => `${id} ${perSecond}/s ${durationMillis}`);
  }
}

export const everything: TapFilter = {
  ...{ side: 0, method: "", pathPrefix: "", onlyFailed: false, minDurationMicros: 0 },
  ...{ status: 0, hasStatus: false, statusTo: 0 },
};

export function questionOf(words: Partial<TapQuestion> = {}): TapQuestion {
  return { workload: "shop/user", perSecond: 10, durationMs: 60_000, filter: everything, ...words };
}

/** Live requests of these paths as a reporter sends them, a millisecond after each other. */
export function tappedOf(tap: number, paths: readonly (string | ExemplarWords)[], skipped = 0): Uint8Array {
  const startMs = 1_800_000_000_000;
  const exemplars = paths.map((one, index) => ({
    ...{ reason: ExemplarReason.EXEMPLAR_REASON_TAPPED, atMs: startMs + index },
    ...(typeof one === "string" ? { path: one } : one),
  }));
  const requests = batchOf([{ count: paths.length }], { sequence: 0, startMs, durationMs: 250, exemplars });
  return Tapped.encode({ tap, requests, skipped }).finish();
}

export class HubUnderTest {
  readonly clock = new ManualClock();
  readonly errors: Error[] = [];
  /** Thrown by the naming, where given. */
  failure: Error | undefined;
  readonly hub = new TapHub<Shown>({
    clock: this.clock,
    workloadOf: ({ namespace, workload }) => `${namespace}/${workload}`,
    name: ({ hello, batch }) => {
      if (this.failure) throw this.failure;
      return batch.exemplars.map(({ path, atSeconds, atMillis }) => {
        return { path, pod: hello.pod, atMs: atSeconds * 1000 + atMillis };
      });
    },
    onError: (error) => void this.errors.push(error),
  });

  stream(workload = "user", pod = ""): FakeStream {
    const stream = new FakeStream(workload, pod);
    this.hub.joined(stream);
    return stream;
  }

  send(stream: TapStream, bytes: Uint8Array): void {
    this.hub.take(stream, { bytes, receivedMs: 0, clockOffsetMs: 0 });
  }

  /** What a subscriber can read by now, in words: "2: /a /b +3" for two reporters, two requests and three left out. */
  async read(subscription: TapSubscription<Shown>): Promise<string[]> {
    const words: string[] = [];
    this.clock.pass(200);
    for (;;) {
      const next = subscription.next(1);
      this.clock.pass(1);
      const news = await next;
      if (!news) return words;
      const paths = news.requests.map(({ path }) => ` ${path}`).join("");
      words.push(`${news.reporters}:${paths}${news.skipped > 0 ? ` +${news.skipped}` : ""}`);
      this.clock.pass(200);
    }
  }
}
