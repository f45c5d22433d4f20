import { ReporterKind } from "#proto/ingest.ts";
import type { Batch, Hello } from "#proto/ingest.ts";
import { ClockOffset } from "./clock.ts";
import { MAX_STREAMS } from "./limits.ts";

/** A reporter as the ingest knows it. Times are milliseconds since the epoch, control's clock. */
export interface Reporter {
  readonly hello: Hello;
  readonly firstHeardMs: number;
  readonly lastHeardMs: number;
  /** From the end of its newest window to the moment that it was received. */
  readonly lagMs: number;
  /** What has to be added to its clock to get control's. */
  readonly clockOffsetMs: number;
}

interface LiveReporter {
  hello: Hello;
  readonly firstHeardMs: number;
  lastHeardMs: number;
  lagMs: number;
  readonly clock: ClockOffset;
}

/** Reporters silent for so long are not listed any more. */
const FORGET_AFTER_MS = 3_600_000;
/** A tap that is silent for so long hears nothing, or is gone: what passes its node is then told by others. */
const TAP_GONE_MS = 60_000;

/** Who reports, and how their clocks stand. Lives over a reporter's streams, not over a restart of control. */
export class Reporters {
  readonly #reporters = new Map<string, LiveReporter>();
  /** When the tap of a Kubernetes node was heard last, by the node's name. */
  readonly #taps = new Map<string, number>();

  /** A reporter said Hello, with the time on its clock and on control's. */
  greet(hello: Hello, sentMs: number, receivedMs: number): void {
    const reporter = this.#reporters.get(hello.instance) ?? {
      hello,
      firstHeardMs: receivedMs,
      lastHeardMs: 0,
      lagMs: 0,
      clock: new ClockOffset(),
    };
    reporter.hello = hello;
    this.#heard(reporter, sentMs, receivedMs);
    this.#forgetSilent(receivedMs);
  }

  /** A batch of a reporter that was greeted came in. @returns the offset of its clock, milliseconds */
  received(instance: string, batch: Batch, times: { sentMs: number; receivedMs: number }): number {
    const reporter = this.#reporters.get(instance);
    if (!reporter) return 0;
    this.#heard(reporter, times.sentMs, times.receivedMs);
    const endMs = batch.startSeconds * 1000 + batch.startMillis + batch.durationMillis;
    reporter.lagMs = Math.max(0, times.receivedMs - (endMs + reporter.clock.offsetMs));
    return reporter.clock.offsetMs;
  }

  /** Something other than a batch came in of a reporter that was greeted. @returns the offset of its clock, milliseconds */
  heard(instance: string, times: { sentMs: number; receivedMs: number }): number {
    const reporter = this.#reporters.get(instance);
    if (!reporter) return 0;
    this.#heard(reporter, times.sentMs, times.receivedMs);
    return reporter.clock.offsetMs;
  }

  /** A Kubernetes node had a tap before control started, which is to come back: until then nobody tells in its place. */
  expectTap(node: string, startedAtMs: number): void {
    if (!this.#taps.has(node)) this.#taps.set(node, startedAtMs);
  }

  /** Whether the tap of a Kubernetes node was heard lately. */
  isTapped(node: string, nowMs: number): boolean {
    const heardMs = this.#taps.get(node);
    return heardMs !== undefined && nowMs - heardMs <= TAP_GONE_MS;
  }

  list(): Reporter[] {
    return [...this.#reporters.values()].map(({ hello, firstHeardMs, lastHeardMs, lagMs, clock }) => ({
      hello,
      firstHeardMs,
      lastHeardMs,
      lagMs,
      clockOffsetMs: clock.offsetMs,
    }));
  }

  #heard(reporter: LiveReporter, sentMs: number, receivedMs: number): void {
    // Moves it to the end: the map is in the order of when each was last heard.
    this.#reporters.delete(reporter.hello.instance);
    this.#reporters.set(reporter.hello.instance, reporter);
    reporter.lastHeardMs = receivedMs;
    if (reporter.hello.kind === ReporterKind.REPORTER_KIND_TAP) this.#taps.set(reporter.hello.nodeId, receivedMs);
    if (sentMs > 0) reporter.clock.add(sentMs, receivedMs);
  }

  #forgetSilent(nowMs: number): void {
    for (const [node, heardMs] of this.#taps) if (nowMs - heardMs > FORGET_AFTER_MS) this.#taps.delete(node);
    for (const [instance, { lastHeardMs }] of this.#reporters) {
      // Those that are silent for longest go first when there are too many.
      if (nowMs - lastHeardMs > FORGET_AFTER_MS || this.#reporters.size > MAX_STREAMS) this.#reporters.delete(instance);
    }
  }
}
