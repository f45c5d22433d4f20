import type { Answers } from "./answers.ts";
import type { SnapshotFeed } from "./feed.ts";
import { digestOf } from "./pages.ts";
import type { PageWish } from "./pages.ts";
import type {
  EndpointsAnswer,
  EndpointsQuestion,
  TopologyAnswer,
  TopologyQuestion,
  Window,
  WorkloadsAnswer,
  WorkloadsQuestion,
} from "./topology-answers.ts";
import { TooManyWatches } from "./too-many-watches.ts";
import { Watch } from "./watch.ts";
import type { WatchInstant } from "./watch.ts";

/** A question that can be watched, by the name that both APIs call it. */
export type Watched =
  | { readonly kind: "workloads"; readonly question: WorkloadsQuestion }
  | { readonly kind: "topology"; readonly question: TopologyQuestion }
  | { readonly kind: "endpoints"; readonly question: EndpointsQuestion };

/** Its answer. */
export type WatchedAnswer =
  | { readonly kind: "workloads"; readonly answer: WorkloadsAnswer }
  | { readonly kind: "topology"; readonly answer: TopologyAnswer }
  | { readonly kind: "endpoints"; readonly answer: EndpointsAnswer };

/** What a watch tells: the answer, and the end of its window. */
export type ToldAnswer = WatchedAnswer & Window;

export interface WatchWish {
  readonly watched: Watched;
  /** Seconds. */
  readonly intervalSeconds: number;
  /** Token of the last answer that came; empty to begin anew. */
  readonly resume: string;
}

/** Longest time between two answers: an hour, in seconds. */
export const MAX_INTERVAL_SECONDS = 3_600;
/** Watches at the same time, over both APIs. */
export const MAX_WATCHES = 100;

/** What a watch asks for: a whole answer. */
const WHOLE: PageWish = { size: undefined, token: undefined, tokenField: "" };

/** The watches of both APIs: a bounded number, where those that ask the same in the same second share the answer. */
export class Watches {
  /** Since control started; answers are counted as they are told. */
  readonly stats = { refused: 0, replayed: 0, skipped: 0 };
  readonly #answers: Answers;
  readonly #feed: Pick<SnapshotFeed, "fresh">;
  readonly #limit: number;
  readonly #open = new Set<Watch<ToldAnswer>>();
  /** The answers of this second, by question. */
  readonly #shared = new Map<string, Promise<ToldAnswer>>();
  #sharedSecond = 0;
  #isStopping = false;

  constructor(answers: Answers, feed: Pick<SnapshotFeed, "fresh">, limit = MAX_WATCHES) {
    this.#answers = answers;
    this.#feed = feed;
    this.#limit = limit;
  }

  /** How many there are now. */
  get size(): number {
    return this.#open.size;
  }

  /** @throws TooManyWatches; HttpError 400 where `resume` is wrong */
  open({ watched, intervalSeconds, resume }: WatchWish): Watch<ToldAnswer> {
    if (this.#open.size >= this.#limit) {
      this.stats.refused += 1;
      throw new TooManyWatches(this.#limit);
    }
    // Both APIs take up each other's watches, whether or not they refuse what nobody knows.
    const common = { page: undefined, past: undefined, refusesUnknown: undefined };
    const digest = digestOf(`watch ${watched.kind}`, { ...watched.question, ...common });
    const question = {
      ...{ digest, intervalMs: intervalSeconds * 1_000, resume },
      ask: (about: WatchInstant, signal: AbortSignal): Promise<ToldAnswer> => {
        return about.past
          ? this.#ask(watched, about, signal)
          : this.#share(`${digest.toString("hex")} ${about.isFirst}`, () => this.#ask(watched, about, NEVER));
      },
    };
    const watch = new Watch(question, {
      newest: () => this.#feed.fresh().atMs,
      onTold: ({ isReplayed, skipped }) => {
        this.stats.replayed += Number(isReplayed);
        this.stats.skipped += skipped;
      },
      onEnd: () => this.#open.delete(watch),
    });
    this.#open.add(watch);
    if (this.#isStopping) watch.end("stopping");
    return watch;
  }

  /** Ends all watches, and those that are begun later. */
  stop(): void {
    this.#isStopping = true;
    for (const watch of this.#open) watch.end("stopping");
  }

  #share(key: string, ask: () => Promise<ToldAnswer>): Promise<ToldAnswer> {
    const second = Math.floor(Date.now() / 1_000);
    if (second !== this.#sharedSecond) this.#shared.clear();
    this.#sharedSecond = second;
    let answer = this.#shared.get(key);
    if (!answer) this.#shared.set(key, (answer = ask()));
    return answer;
  }

  async #ask(watched: Watched, { past, isFirst }: WatchInstant, signal: AbortSignal): Promise<ToldAnswer> {
    const { kind } = watched;
    const about = { past, page: WHOLE };
    switch (kind) {
      case "workloads": {
        const answer = await this.#answers.workloads({ ...watched.question, ...about }, signal);
        return { ...windowOf(answer), kind, answer };
      }
      case "topology": {
        const answer = await this.#answers.topology({ ...watched.question, ...about }, signal);
        return { ...windowOf(answer), kind, answer };
      }
      case "endpoints": {
        const { refusesUnknown = false } = watched.question;
        const question = { ...watched.question, ...about, refusesUnknown: refusesUnknown && isFirst };
        const answer = await this.#answers.endpoints(question, signal);
        return { ...windowOf(answer), kind, answer };
      }
    }
  }
}

/** Who shares an answer cannot call it off. */
const NEVER = new AbortController().signal;

function windowOf({ atMs, windowSeconds }: Window): Window {
  return { atMs, windowSeconds };
}
