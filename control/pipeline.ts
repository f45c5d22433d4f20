import { setImmediate as nextTurn, setTimeout as sleep } from "node:timers/promises";
import { Gathering } from "./gathering.ts";
import { ExternalHosts } from "./identity/external-hosts.ts";
import { nameWindow } from "./identity/name-window.ts";
import type { Naming } from "./identity/name-window.ts";
import type { ReportedWindow } from "./identity/observation.ts";
import { decodeReceived } from "./ingest/envelope.ts";
import type { ReadEntry } from "./ingest/inbox.ts";
import type { PipelineMetrics, PipelineState } from "./pipeline-metrics.ts";
import type { PipelineDeps } from "./pipeline-deps.ts";
import { RouteMoves } from "./route-moves.ts";
import { StoreAwayError } from "./store/errors.ts";
import { WindowGroup, WindowQueue } from "./window-queue.ts";
import type { NamedEntry } from "./window-queue.ts";

/**
 * Entries that one turn of the event loop names, so that control answers in between. Where they wait it is a quarter of them, up to the
 * second: what comes in would take all turns otherwise, and what is late are better the acks, which make reporters join windows.
 */
const ENTRIES_PER_TURN = { least: 200, most: 600 } as const;
/** The store is written this often: what the pods of a workload say in a second is mostly together then (joined-windows.ts). */
const STORE_INTERVAL_MS = 1000;
/** A store that refuses is asked again after this long, doubling up to the second. */
const RETRY_MS = { first: 500, longest: 30_000 };
const EXPIRE_INTERVAL_MS = 60_000;
/** What of the past fills the world at start; it has to cover the world's window. */
const RESTORE_MS = 120_000;
/** High-water marks of instances that were not heard for so long are forgotten. */
const KEEP_MARKS_MS = 7 * 86_400_000;

/**
 * Brings what lies in the inbox to the world and to the store, each at its own speed and each exactly once: the world as
 * soon as a batch is durable, the store in groups. An entry leaves the inbox when the store has it. While the store is
 * slow or down the inbox holds what comes, and the world goes on.
 */
export class Pipeline {
  readonly #deps: PipelineDeps;
  readonly #metrics: PipelineMetrics;
  /** Hosts outside that have a node. */
  readonly externalHosts = new ExternalHosts();
  readonly #naming: Naming;
  /** What the world got and the store has yet to get, as far as memory is given to it. */
  readonly #queue: WindowQueue;
  readonly #moves = new RouteMoves();
  readonly #stopping = new AbortController();
  /** What is named and not given to the world yet. */
  #gathering = new Gathering(0);
  #worldCursor = 0;
  #storeCursor = 0;
  #isStoreInDoubt = false;
  #hasMetStore = false;
  #storeError: Error | undefined;
  #isPumping = false;
  #timer: NodeJS.Timeout | undefined;
  #storeLoop: Promise<void> = Promise.resolve();
  #unsubscribe: () => void = () => undefined;

  constructor(deps: PipelineDeps) {
    this.#deps = deps;
    this.#queue = new WindowQueue(deps.maxQueued);
    this.#metrics = deps.metrics(() => this.#state());
    this.#naming = {
      inventory: deps.inventory,
      externalHosts: this.externalHosts,
      ...(deps.onUpstream && { onUpstream: deps.onUpstream }),
      ...(deps.onHeard && { onHeard: deps.onHeard }),
      ...(deps.isTapped && { isTapped: deps.isTapped }),
      onClamped: (direction) => this.#metrics.clamped(direction),
    };
  }

  /** Fills the world from the store and the inbox, then follows the inbox. A store that is away is waited for later. */
  async start(): Promise<void> {
    const { inbox, store, world, now } = this.#deps;
    this.#storeCursor = await store.cursor();
    this.#worldCursor = this.#storeCursor;
    this.#gathering = new Gathering(this.#storeCursor);
    this.#queue.restart(this.#storeCursor);
    inbox.continueAfter(this.#storeCursor);
    inbox.drop(this.#storeCursor);
    this.inventoryChanged();
    const toMs = now();
    world.advance(toMs);
    try {
      await this.#meetStore();
      for await (const window of store.windows({ fromMs: toMs - RESTORE_MS, toMs: toMs + 1 })) world.restore(window);
    } catch (error) {
      if (!(error instanceof StoreAwayError)) throw error;
      this.#storeFailed("The store is away: the map begins empty, the inbox holds what comes", error);
    }
    this.#unsubscribe = inbox.onAppended(() => this.#wake());
    this.#wake();
    this.#storeLoop = this.#feedStore();
  }

  /** The first time that the store is there: it follows, and gives, what was learned before. */
  async #meetStore(): Promise<void> {
    if (this.#hasMetStore) return;
    const { store, routes } = this.#deps;
    // What was learned or ruled since the store was told last, as when control was killed in between.
    await store.moveRoutes(routes.routeOf);
    const nodes = await store.nodes();
    this.externalHosts.restore(nodes);
    this.#deps.onRemembered?.(nodes);
    this.#hasMetStore = true;
  }

  /** Tells the world which workloads there are now. */
  inventoryChanged(): void {
    this.#deps.world.setKnown(this.#deps.inventory.workloads());
    this.#deps.onAdded();
  }

  /** What the user rules of routes has changed: what was counted before follows. */
  routesChanged(): void {
    this.#deps.world.moveRoutes(this.#deps.routes.routeOf);
    this.#moves.add();
    this.#deps.onAdded();
  }

  /** Stops, after one last try to give the store what the inbox holds; the rest waits there for the next start. */
  async stop(): Promise<void> {
    this.#unsubscribe();
    this.#stopping.abort();
    clearTimeout(this.#timer);
    await this.#storeLoop;
    await this.#drain(3);
  }

  /** Entries of the inbox that the store does not have yet. */
  get pending(): number {
    return Math.max(0, this.#deps.inbox.status().lastCursor - this.#storeCursor);
  }

  /** How long ago the oldest of them came, seconds; 0 where none waits. */
  get lagSeconds(): number {
    const { inbox, now } = this.#deps;
    if (this.pending === 0) return 0;
    try {
      const [oldest] = inbox.read(this.#storeCursor, 1);
      return oldest ? Math.max(0, now() - decodeReceived(oldest.value).receivedMs) / 1_000 : 0;
    } catch {
      // It cannot be read, and will be passed over when it is its turn.
      return 0;
    }
  }

  /** Why the store did not take what it was given last; undefined when it did. */
  get storeError(): Error | undefined {
    return this.#storeError;
  }

  #state(): PipelineState {
    const { lastCursor } = this.#deps.inbox.status();
    return {
      worldLag: Math.max(0, lastCursor - this.#worldCursor),
      storeLag: this.pending,
      storeLagSeconds: this.lagSeconds,
      externalHostsCut: this.externalHosts.cut,
    };
  }

  /** @param afterMs when, unless something comes before */
  #wake(afterMs = 0): void {
    if (this.#isPumping) return;
    clearTimeout(this.#timer);
    if (afterMs > 0) {
      this.#timer = setTimeout(() => this.#wake(), afterMs);
      return;
    }
    this.#isPumping = true;
    setImmediate(() => this.#feedWorld());
  }

  /** One turn: names what came, and gives it to the world unless more is to go with it. */
  #feedWorld(): void {
    this.#isPumping = false;
    // The inbox may be closed by the time that a turn comes that was due when the pipeline stopped.
    if (this.#stopping.signal.aborted) return;
    const gathering = this.#gathering;
    const waiting = this.#deps.inbox.status().lastCursor - gathering.end;
    const { least, most } = ENTRIES_PER_TURN;
    const limit = Math.min(Math.max(least, Math.ceil(waiting / 4)), most);
    const nowMs = this.#deps.now();
    const named = this.#nameAfter(gathering.end, limit, (entry) => gathering.add(entry, nowMs));
    const waitMs = gathering.waitMs(this.#deps.now());
    if (waitMs === 0) this.#giveToWorld();
    if (named > 0) this.#wake();
    else if (!gathering.isEmpty) this.#wake(waitMs);
  }

  /** Gives the world what was named, and notes it for the store. */
  #giveToWorld(): void {
    const { world, inbox, now, onAdded } = this.#deps;
    world.advance(now());
    if (this.#gathering.isEmpty) return;
    const group = this.#gathering.take();
    const windows = group.windows();
    this.#metrics.time("world", () => windows.forEach((window) => this.#addToWorld(window)));
    this.#queue.push(group);
    this.#worldCursor = group.end;
    this.#metrics.time("routes", () => this.#learn(windows));
    inbox.drop(Math.min(this.#storeCursor, this.#worldCursor));
    this.#metrics.handedOn("world", windows.length);
    onAdded();
  }

  /** A window that the world cannot take must not stop those behind it; the store gets it all the same. */
  #addToWorld(window: ReportedWindow): void {
    try {
      this.#deps.world.add(window);
      this.#deps.onWindow?.(window);
      this.#metrics.fresh(this.#deps.now() - window.startMs - window.durationMs);
    } catch (error) {
      this.#metrics.unreadable();
      this.#deps.warn("The world refused a window", error as Error);
    }
  }

  /** Learns from what the world got. All of it was named with what was known before, and is moved together. */
  #learn(windows: readonly ReportedWindow[]): void {
    const { routes, world, now } = this.#deps;
    for (const window of windows) routes.learn(window);
    const servers = routes.decide(now());
    if (servers.length === 0) return;
    world.moveRoutes(routes.routeOf, new Set(servers));
    this.#moves.add(servers);
  }

  async #feedStore(): Promise<void> {
    const { inbox, store, now } = this.#deps;
    let expiredAtMs = now();
    let retryMs = RETRY_MS.first;
    while (!this.#stopping.signal.aborted) {
      try {
        while (await this.#appendGroup()) retryMs = RETRY_MS.first;
        this.#storeError = undefined;
        if (now() - expiredAtMs >= EXPIRE_INTERVAL_MS) {
          expiredAtMs = now();
          inbox.prune(expiredAtMs - KEEP_MARKS_MS);
          await this.#metrics.timeAsync("expire", () => store.expire(expiredAtMs));
        }
        await this.#pause(STORE_INTERVAL_MS);
      } catch (error) {
        this.#isStoreInDoubt = true;
        this.#storeFailed(`The store refused a write; trying again in ${retryMs} ms, the inbox holds`, error as Error);
        await this.#pause(retryMs);
        retryMs = Math.min(retryMs * 2, RETRY_MS.longest);
      }
    }
  }

  #storeFailed(message: string, error: Error): void {
    this.#storeError = error;
    this.#metrics.storeFailed();
    this.#deps.warn(message, error);
  }

  /** Gives the store one group and lets it go from the inbox. @returns whether there may be more */
  async #appendGroup(): Promise<boolean> {
    const { store, routes } = this.#deps;
    await this.#settleDoubt();
    await this.#meetStore();
    await this.#moves.apply(store, routes.routeOf);
    this.#giveToWorld();
    const queued = this.#queue.after(this.#storeCursor);
    const group = queued ?? (await this.#nameGroup(this.#storeCursor));
    if (group.end === this.#storeCursor) return false;
    if (!queued && group.end === this.#worldCursor) this.#queue.restart(group.end);
    const named = group.windows();
    // Routes may have been learned since they were named.
    const windows = group.isOf(routes.revision) ? named : named.map((window) => routes.template(window));
    const appended = this.#deps.onAppend?.(windows);
    await this.#metrics.timeAsync("store", () => store.append(windows, group.end)).finally(appended);
    this.#metrics.handedOn("store", windows.length);
    this.#stored(group.end);
    return group.isFull && !this.#stopping.signal.aborted;
  }

  /** The store has everything up to a cursor. What the world has yet to read stays in the inbox until it has. */
  #stored(cursor: number): void {
    this.#storeCursor = cursor;
    this.#queue.drop(cursor);
    this.#deps.inbox.drop(Math.min(cursor, this.#worldCursor));
  }

  /**
   * A write that failed may have been applied all the same. The next group begins where the store says that it is, or
   * a group that has grown since would bring the same windows twice.
   */
  async #settleDoubt(): Promise<void> {
    if (!this.#isStoreInDoubt) return;
    const cursor = await this.#deps.store.cursor();
    if (cursor > this.#storeCursor) this.#stored(cursor);
    this.#isStoreInDoubt = false;
  }

  async #drain(groups: number): Promise<void> {
    try {
      for (let i = 0; i < groups; i += 1) await this.#appendGroup();
    } catch (error) {
      this.#deps.warn("The store refused the last write; the inbox holds what it lacks", error as Error);
    }
  }

  /**
   * Each is handed on before the next is named, and so mostly gone, joined with others, by the time that garbage is collected.
   * @returns how many there were
   */
  #nameAfter(cursor: number, limit: number, take: (entry: NamedEntry) => void): number {
    const entries = this.#metrics.time("read", () => this.#deps.inbox.read(cursor, limit));
    const { revision } = this.#deps.routes;
    this.#metrics.time("identity", () => {
      for (const entry of entries) take({ cursor: entry.cursor, window: this.#name(entry), revision });
    });
    return entries.length;
  }

  /**
   * What the queue had no room for, as much as the store is given at once, so that it catches up. Not what the world has yet to
   * read, which need not be named twice, unless it reads no more.
   */
  async #nameGroup(after: number): Promise<WindowGroup> {
    const group = new WindowGroup(after);
    for (let isMore = true; isMore && !group.isFull;) {
      const until = this.#stopping.signal.aborted ? Infinity : this.#worldCursor;
      const limit = Math.min(ENTRIES_PER_TURN.least, until - group.end);
      const named = limit > 0 ? this.#nameAfter(group.end, limit, (entry) => group.add(entry)) : 0;
      isMore = named === ENTRIES_PER_TURN.least;
      if (isMore) await nextTurn();
    }
    return group;
  }

  /** Undefined for an entry that cannot be read, which only damage to the inbox's file can cause. */
  #name({ value, received }: ReadEntry): ReportedWindow | undefined {
    try {
      return this.#deps.routes.template(nameWindow(received ?? decodeReceived(value), this.#naming));
    } catch (error) {
      this.#metrics.unreadable();
      this.#deps.warn("Passed over an inbox entry that cannot be read", error as Error);
      return undefined;
    }
  }

  async #pause(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
  }
}
