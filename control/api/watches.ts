import type { Answers } from "./answers.ts";
import { digestOf } from "./pages.ts";
import type { PageWish } from "./pages.ts";
import type { PodsAnswer, PodsQuestion } from "./pod-answers.ts";
import { maxPointsOf } from "../store/questions.ts";
import type { TimeRange } from "../store/store.ts";
import type { SeriesTold, SeriesWish } from "./series-answers.ts";
import { SeriesWatch } from "./series-watch.ts";
import type { ApiSources } from "./sources.ts";
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
import type { OpenWatch, Told, WatchInstant } from "./watch.ts";

/** A question that can be watched, by the name that both APIs call it. */
export type Watched =
  | { readonly kind: "workloads"; readonly question: WorkloadsQuestion }
  | { readonly kind: "topology"; readonly question: TopologyQuestion }
  | { readonly kind: "endpoints"; readonly question: EndpointsQuestion }
  | { readonly kind: "pods"; readonly question: PodsQuestion }
  | { readonly kind: "series"; readonly question: SeriesWished };

/** A series that goes on; its step is the interval of the watch. */
export type SeriesWished = Omit<SeriesWish, "range">;

type SeriesWatched = Extract<Watched, { readonly kind: "series" }>;
type WindowWatched = Exclude<Watched, SeriesWatched>;

/** Its answer. */
export type WatchedAnswer =
  | { readonly kind: "workloads"; readonly answer: WorkloadsAnswer }
  | { readonly kind: "topology"; readonly answer: TopologyAnswer }
  | { readonly kind: "endpoints"; readonly answer: EndpointsAnswer }
  | { readonly kind: "pods"; readonly answer: PodsAnswer }
  | { readonly kind: "series"; readonly answer: SeriesTold };

/** What a watch tells: the answer, and the end of its window. */
export type ToldAnswer = WatchedAnswer & Window;

export interface WatchWish {
  readonly watched: Watched;
  /** Seconds; of a series its step. */
  readonly intervalSeconds: number;
  /** Token of the last answer that came; empty to begin anew. */
  readonly resume: string;
}

type WatchSources = Pick<ApiSources, "feed" | "completedMs">;

/** Longest time between two answers: an hour, in seconds. */
export const MAX_INTERVAL_SECONDS = 3_600;
/** The step of a series where none is given: the finest that the history keeps for a day. Seconds. */
export const DEFAULT_STEP_SECONDS = 10;
/** Watches at the same time, over both APIs. */
export const MAX_WATCHES = 100;

/** What a watch asks for: a whole answer. */
const WHOLE: PageWish = { size: undefined, token: undefined, tokenField: "" };

/** The watches of both APIs: a bounded number, where those that ask the same in the same second share the answer. */
export class Watches {
  /** Since control started; answers are counted as they are told. */
  readonly stats = { refused: 0, replayed: 0, skipped: 0 };
  readonly #answers: Answers;
  readonly #sources: WatchSources;
  readonly #limit: number;
  readonly #open = new Set<OpenWatch<ToldAnswer>>();
  /** The answers of this second, by question. */
  readonly #shared = new Map<string, Promise<ToldAnswer>>();
  #sharedSecond = 0;
  #isStopping = false;

  constructor(answers: Answers, sources: WatchSources, limit = MAX_WATCHES) {
    this.#answers = answers;
    this.#sources = sources;
    this.#limit = limit;
  }

  /** How many there are now. */
  get size(): number {
    return this.#open.size;
  }

  /** @throws TooManyWatches; HttpError 400 where `resume` is wrong */
  open(wish: WatchWish): OpenWatch<ToldAnswer> {
    if (this.#open.size >= this.#limit) {
      this.stats.refused += 1;
      throw new TooManyWatches(this.#limit);
    }
    const { watched } = wish;
    const watch: OpenWatch<ToldAnswer> =
      watched.kind === "series"
        ? this.#openSeries(watched, wish.resume, () => this.#open.delete(watch))
        : this.#openWindows(watched, wish, () => this.#open.delete(watch));
    this.#open.add(watch);
    if (this.#isStopping) watch.end("stopping");
    return watch;
  }

  #openWindows(
    watched: WindowWatched,
    { intervalSeconds, resume }: WatchWish,
    onEnd: () => void,
  ): OpenWatch<ToldAnswer> {
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
    const newest = (): number => this.#sources.feed.fresh().atMs;
    return new Watch(question, { newest, onTold: (told) => this.#count(told), onEnd });
  }

  #openSeries({ kind, question: wished }: SeriesWatched, resume: string, onEnd: () => void): OpenWatch<ToldAnswer> {
    const { stepMs, top, groupBy } = wished;
    const digest = digestOf(`watch ${kind}`, { ...wished, range: undefined });
    const ask = async (range: TimeRange, signal: AbortSignal): Promise<ToldAnswer> => {
      const answer = await this.#answers.series({ ...wished, range }, signal);
      return { kind, answer, atMs: range.toMs, windowSeconds: (range.toMs - range.fromMs) / 1_000 };
    };
    const question = {
      ...{ digest, stepMs, resume, maxPoints: maxPointsOf(top, groupBy.length > 0) },
      ask: (range: TimeRange, isReplayed: boolean, signal: AbortSignal): Promise<ToldAnswer> => {
        const key = `${digest.toString("hex")} ${range.fromMs} ${range.toMs}`;
        return isReplayed ? ask(range, signal) : this.#share(key, () => ask(range, NEVER));
      },
    };
    const completedMs = (): number | undefined => this.#sources.completedMs();
    return new SeriesWatch(question, { completedMs, onTold: (told) => this.#count(told), onEnd });
  }

  #count({ isReplayed, skipped }: Told<ToldAnswer>): void {
    this.stats.replayed += Number(isReplayed);
    this.stats.skipped += skipped;
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

  async #ask(watched: WindowWatched, { past, isFirst }: WatchInstant, signal: AbortSignal): Promise<ToldAnswer> {
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
      case "pods": {
        const answer = await this.#answers.pods({ ...watched.question, ...about }, signal);
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
