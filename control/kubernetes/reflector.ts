import { setTimeout as sleep } from "node:timers/promises";
import { ApiError } from "./api-error.ts";
import type { ApiServer } from "./api-server.ts";
import type { ApiObject } from "./objects.ts";
import { acceptOf, pathOf } from "./resource.ts";
import type { ResourceSink, WatchableName } from "./resource.ts";

/** All in milliseconds but the page. */
export interface ReflectorTimings {
  /** Objects of one page of a list. */
  readonly pageSize: number;
  /** The server sends a bookmark each minute, so a watch that says nothing for so long has stalled. */
  readonly idleMs: number;
  /** The server is asked to end a watch after this, up to twice as long, so that watches spread over its replicas. */
  readonly watchMs: number;
  /** All is listed anew this often, a fifth more or less, whatever the watch said. */
  readonly relistMs: number;
  /** After a failure, twice as long each time up to the second, of which a random half is left out. */
  readonly firstWaitMs: number;
  readonly longestWaitMs: number;
}

export const REFLECTOR_TIMINGS: ReflectorTimings = {
  pageSize: 500,
  idleMs: 180_000,
  watchMs: 300_000,
  relistMs: 1_800_000,
  firstWaitMs: 500,
  longestWaitMs: 30_000,
};

export interface ReflectorDeps {
  readonly resource: WatchableName;
  readonly api: ApiServer;
  readonly sink: ResourceSink;
  readonly timings: ReflectorTimings;
  /** Told of each failure; the same one may come again and again. */
  readonly failed: (error: Error) => void;
  /** Told when the first list, and each after a failure, is through, or a watch goes on after one. */
  readonly recovered: () => void;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** From 0 up to 1. */
  readonly random: () => number;
}

/** What is told of a reflector at a scrape. */
export interface ReflectorStatus {
  readonly objects: number;
  /** When what is known was last known to be what there is; 0 before the first list. */
  readonly inStepMs: number;
  readonly lists: number;
  readonly watches: number;
  readonly events: number;
  readonly failures: number;
}

/** A watch that ends sooner than this without a word is a failure, or it would be opened again in a tight loop. */
const SHORTEST_WATCH_MS = 1_000;
/** Lists whose continuation has expired are begun anew so often, then asked for in one page. */
const PAGED_TRIES = 3;

interface WatchEvent {
  readonly type: "ADDED" | "MODIFIED" | "DELETED" | "BOOKMARK" | "ERROR";
  readonly object: ApiObject & { readonly code?: number; readonly reason?: string; readonly message?: string };
}

interface ListPage {
  readonly metadata?: { readonly resourceVersion?: string; readonly continue?: string };
  readonly items?: readonly ApiObject[] | null;
}

/**
 * Keeps a sink in step with one resource of the API, for as long as it runs: lists it page by page, watches it from there, goes on
 * where a watch ended, and lists anew when the server no longer knows that place (410), and now and then without a reason.
 * Nothing that the server does ends it.
 */
export class Reflector {
  readonly #deps: ReflectorDeps;
  readonly #stopping = new AbortController();
  /** Everything in the sink by uid, with the number of the list that had it last. */
  readonly #known = new Map<string, number>();
  #version = "";
  #relistAtMs = 0;
  #inStepMs = 0;
  #lists = 0;
  #watches = 0;
  #events = 0;
  #failures = 0;
  /** Failures without a success in between. */
  #inARow = 0;
  #running: Promise<void> = Promise.resolve();

  constructor(deps: ReflectorDeps) {
    this.#deps = deps;
  }

  start(): void {
    this.#running = this.#run();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  status(): ReflectorStatus {
    return {
      objects: this.#known.size,
      inStepMs: this.#inStepMs,
      lists: this.#lists,
      watches: this.#watches,
      events: this.#events,
      failures: this.#failures,
    };
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      try {
        if (this.#version === "" || this.#deps.now() >= this.#relistAtMs) await this.#list();
        await this.#watch();
      } catch (error) {
        if (signal.aborted) return;
        await this.#afterFailure(error as Error);
      }
    }
  }

  async #afterFailure(error: Error): Promise<void> {
    const { timings, failed, random } = this.#deps;
    this.#failures += 1;
    this.#inARow += 1;
    if (error instanceof ApiError && error.isGone) {
      this.#version = "";
      // That happens to every watch that was away for long, and mends itself at once.
      if (this.#inARow === 1) return;
    }
    failed(error);
    const whole = Math.min(timings.longestWaitMs, timings.firstWaitMs * 2 ** Math.min(this.#inARow - 1, 20));
    await sleep(whole * (0.5 + random() / 2), undefined, this.#stopping).catch(() => undefined);
  }

  async #list(): Promise<void> {
    const { timings, now, random, sink } = this.#deps;
    const wasInStepMs = this.#inStepMs;
    this.#lists += 1;
    const version = await this.#pages();
    for (const [uid, list] of this.#known) {
      if (list === this.#lists) continue;
      this.#known.delete(uid);
      // When it went nobody saw; what is known is until when it was there.
      sink.remove(uid, wasInStepMs);
    }
    this.#version = version;
    this.#relistAtMs = now() + timings.relistMs * (0.8 + 0.4 * random());
    this.#inStep();
  }

  /** Puts all there is, a page at a time. @returns the version that the list is of */
  async #pages(): Promise<string> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await this.#allPages(tries <= PAGED_TRIES ? this.#deps.timings.pageSize : 0);
      } catch (error) {
        if (tries > PAGED_TRIES || !(error instanceof ApiError) || !error.isGone) throw error;
      }
    }
  }

  /** @param limit objects a page; 0 for one page of all */
  async #allPages(limit: number): Promise<string> {
    const { api, resource, sink, timings, now } = this.#deps;
    let next = "";
    do {
      const query = new URLSearchParams(limit > 0 ? { limit: String(limit) } : {});
      if (next !== "") query.set("continue", next);
      const page = (await api.ask({
        path: `${pathOf(resource)}?${query.toString()}`,
        accept: acceptOf(resource, "list"),
        idleMs: timings.idleMs,
        signal: this.#stopping.signal,
      })) as ListPage;
      for (const object of page.items ?? []) {
        this.#known.set(object.metadata.uid, this.#lists);
        sink.put(object, now());
      }
      next = page.metadata?.continue ?? "";
      if (next === "") return page.metadata?.resourceVersion ?? "";
    } while (!this.#stopping.signal.aborted);
    throw new Error("Stopped");
  }

  /** Returns when the server has ended the watch in order. */
  async #watch(): Promise<void> {
    const { api, resource, timings, now, random } = this.#deps;
    const beganMs = now();
    const lengthMs = Math.min(timings.watchMs * (1 + random()), Math.max(1_000, this.#relistAtMs - beganMs));
    const query = new URLSearchParams({
      watch: "1",
      allowWatchBookmarks: "true",
      resourceVersion: this.#version,
      timeoutSeconds: String(Math.ceil(lengthMs / 1_000)),
    });
    this.#watches += 1;
    const eventsBefore = this.#events;
    const lines = api.lines({
      path: `${pathOf(resource)}?${query.toString()}`,
      accept: acceptOf(resource, "watch"),
      idleMs: timings.idleMs,
      signal: this.#stopping.signal,
    });
    for await (const line of lines) this.#take(line as WatchEvent);
    if (this.#events === eventsBefore && now() - beganMs < SHORTEST_WATCH_MS) {
      throw new Error("The API server ended the watch at once");
    }
  }

  #take({ type, object }: WatchEvent): void {
    const { sink, now } = this.#deps;
    if (type === "ERROR") throw new ApiError(object.code ?? 0, object.reason ?? "", object.message ?? "");
    this.#events += 1;
    const { uid, resourceVersion } = object.metadata;
    if (type === "DELETED") {
      this.#known.delete(uid);
      sink.remove(uid, now());
    } else if (type !== "BOOKMARK") {
      this.#known.set(uid, this.#lists);
      sink.put(object, now());
    }
    // Only after the sink has it: what throws in there is not passed over, but listed again.
    if (resourceVersion) this.#version = resourceVersion;
    this.#inStep();
  }

  #inStep(): void {
    this.#inStepMs = this.#deps.now();
    this.#inARow = 0;
    this.#deps.recovered();
  }
}
