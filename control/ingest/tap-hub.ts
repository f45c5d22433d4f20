import type { Batch, Hello } from "#proto/ingest.ts";
import { MAX_TAPS, MAX_TAPS_OF_WORKLOAD, MAX_TAP_SUBSCRIBERS } from "./limits.ts";
import { RunningTap } from "./running-tap.ts";
import { TapSubscription } from "./tap-subscription.ts";
import { readTapped } from "./tapped.ts";
import { TooManyTaps } from "./taps.ts";
import type { TapClock, TapQuestion, TapStream, TappedBytes, Taps } from "./taps.ts";

/** Live requests of one reporter, checked, with both times of TappedBytes. */
export interface LiveRequests extends Omit<TappedBytes, "bytes"> {
  readonly hello: Hello;
  readonly batch: Batch;
}

export interface TapHubDeps<Request> {
  /** Node id of the workload that a reporter stands beside. */
  readonly workloadOf: (hello: Hello) => string;
  /** Names both ends of each request. */
  readonly name: (live: LiveRequests) => readonly Request[];
  /** Told of what is control's own fault. */
  readonly onError: (error: Error) => void;
  readonly clock?: TapClock;
}

/** Counters since the hub was made; `taps` and `subscribers` are those that there are now. */
export interface TapStats {
  taps: number;
  subscribers: number;
  /** Requests that were shown, of each tap once. */
  shown: number;
  /** Matching requests that were left out: by reporters, by control past the rate, for subscribers that read too slowly. */
  skipped: { reporter: number; control: number; subscriber: number };
  /** Messages of reporters of which nothing could be made. */
  bad: number;
  /** Messages of a tap that has ended, or of reporters that were not asked. */
  stray: number;
  /** Subscriptions refused at a limit. */
  refused: number;
}

const systemClock: TapClock = {
  elapsed: () => performance.now(),
  after(delayMs, callback) {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
};

/** Ids fit in a uint32. */
const LAST_ID = 0xffff_ffff;

/**
 * Who watches live requests, and which reporters were asked for them. A tap is no part of what is counted: nothing here
 * is acknowledged, written to disk or sent again, and whatever goes wrong here stays here.
 */
export class TapHub<Request extends { readonly atMs: number }> implements Taps {
  readonly stats: TapStats = {
    taps: 0,
    subscribers: 0,
    shown: 0,
    skipped: { reporter: 0, control: 0, subscriber: 0 },
    bad: 0,
    stray: 0,
    refused: 0,
  };
  readonly #deps: TapHubDeps<Request>;
  readonly #clock: TapClock;
  readonly #streams = new Set<TapStream>();
  readonly #taps = new Map<number, RunningTap<Request>>();
  #lastId = 0;
  #isStopped = false;

  constructor(deps: TapHubDeps<Request>) {
    this.#deps = deps;
    this.#clock = deps.clock ?? systemClock;
  }

  /** How many streams reporters of a workload have open. */
  reportersOf(workload: string): number {
    return this.#streamsOf(workload).length;
  }

  /**
   * Asks the reporters of a workload, those that come later too, until the time is over or the subscription is closed.
   * @throws TooManyTaps at a limit
   */
  open(question: TapQuestion): TapSubscription<Request> {
    const tap = this.#shared(question) ?? this.#started(question);
    tap.ask(this.#streamsOf(question.workload), question.durationMs);
    const subscription: TapSubscription<Request> = new TapSubscription({
      clock: this.#clock,
      durationMs: question.durationMs,
      reporters: tap.reporters,
      onEnd: () => this.#unsubscribe(tap, subscription),
      onCut: (requests) => (this.stats.skipped.subscriber += requests),
    });
    tap.subscribe(subscription);
    this.stats.subscribers += 1;
    if (this.#isStopped) subscription.end("stopping");
    return subscription;
  }

  joined(stream: TapStream): void {
    this.#streams.add(stream);
    if (this.#taps.size === 0) return;
    const workload = this.#deps.workloadOf(stream.hello);
    for (const tap of this.#taps.values()) if (tap.question.workload === workload) tap.joined(stream);
  }

  left(stream: TapStream): void {
    this.#streams.delete(stream);
    for (const tap of this.#taps.values()) tap.left(stream);
  }

  take(stream: TapStream, { bytes, receivedMs, clockOffsetMs }: TappedBytes): void {
    const tapped = readTapped(bytes);
    if (!tapped) {
      this.stats.bad += 1;
      return;
    }
    const tap = this.#taps.get(tapped.tap);
    if (!tap?.isTold(stream)) {
      this.stats.stray += 1;
      return;
    }
    const { exemplars } = tapped.requests;
    const allowed = tap.allow(exemplars.length);
    const batch = { ...tapped.requests, exemplars: exemplars.slice(0, allowed) };
    const requests = this.#name({ hello: stream.hello, batch, receivedMs, clockOffsetMs });
    const rest = exemplars.length - requests.length;
    this.stats.shown += requests.length;
    this.stats.skipped.reporter += tapped.skipped;
    this.stats.skipped.control += rest;
    tap.show(requests, tapped.skipped + rest);
  }

  stop(): void {
    this.#isStopped = true;
    for (const tap of [...this.#taps.values()]) tap.endAll("stopping");
  }

  /** What is wrong with the naming of live requests must not end the process that counts. */
  #name(live: LiveRequests): readonly Request[] {
    if (live.batch.exemplars.length === 0) return [];
    try {
      return this.#deps.name(live);
    } catch (cause) {
      this.#deps.onError(new Error(`Naming live requests of ${live.hello.nodeId}`, { cause }));
      return [];
    }
  }

  #streamsOf(workload: string): TapStream[] {
    return [...this.#streams].filter(({ hello }) => this.#deps.workloadOf(hello) === workload);
  }

  /** The tap that asks for the same already. */
  #shared(question: TapQuestion): RunningTap<Request> | undefined {
    if (this.stats.subscribers >= MAX_TAP_SUBSCRIBERS) {
      this.#refuse(`All ${MAX_TAP_SUBSCRIBERS} places for live requests are taken; ask again when one is free`);
    }
    const key = keyOf(question);
    return [...this.#taps.values()].find((tap) => keyOf(tap.question) === key);
  }

  #started(question: TapQuestion): RunningTap<Request> {
    const { workload } = question;
    const sameWorkload = [...this.#taps.values()].filter((tap) => tap.question.workload === workload);
    if (sameWorkload.length >= MAX_TAPS_OF_WORKLOAD) {
      this.#refuse(
        `${MAX_TAPS_OF_WORKLOAD} different taps of ${workload} run already, which is all that its sidecars hold; ` +
          "ask for the same as one of them, or again when one has ended",
      );
    }
    if (this.#taps.size >= MAX_TAPS) this.#refuse(`All ${MAX_TAPS} places for taps are taken; ask again later`);
    this.#lastId = this.#lastId >= LAST_ID ? 1 : this.#lastId + 1;
    const tap = new RunningTap<Request>(this.#lastId, question, this.#clock);
    this.#taps.set(tap.id, tap);
    this.stats.taps = this.#taps.size;
    return tap;
  }

  #unsubscribe(tap: RunningTap<Request>, subscription: TapSubscription<Request>): void {
    tap.unsubscribe(subscription);
    this.stats.subscribers -= 1;
    if (tap.subscribers > 0) return;
    tap.end();
    this.#taps.delete(tap.id);
    this.stats.taps = this.#taps.size;
  }

  #refuse(message: string): never {
    this.stats.refused += 1;
    throw new TooManyTaps(message);
  }
}

/** Those who ask for the same share a tap, however long each of them watches. */
function keyOf({ workload, perSecond, filter }: TapQuestion): string {
  return JSON.stringify([workload, perSecond, Object.entries(filter).sort()]);
}
