/**
 * A connection (or pool) that is opened with retries, replaced after a while, and opened again when it breaks.
 *
 * Connections that live for ever would make the edge to a store look dead once the shop is warm: what a sidecar counts
 * of an opaque connection is its opening. Hence the bounded life.
 */
import type { Logger } from "pino";
import type { Dependency } from "../service.ts";
import { StoreUnavailableError } from "./store-unavailable.ts";

export interface LeaseOptions<T> {
  readonly name: string;
  /** `broken` is to be called when the resource fails later on. */
  open(broken: (cause: unknown) => void): Promise<T>;
  close(resource: T): Promise<void>;
  readonly log: Logger;
  /** How long one resource is used before the next takes its place. */
  readonly lifetimeMs?: number;
  /** How long a replaced resource may finish what it is doing. */
  readonly graceMs?: number;
  readonly firstRetryMs?: number;
}

const DEFAULT_LIFETIME_MS = 30_000;
const DEFAULT_GRACE_MS = 2_000;
const DEFAULT_FIRST_RETRY_MS = 100;
const LAST_RETRY_MS = 5_000;

export class Lease<T> implements Dependency {
  readonly #options: LeaseOptions<T>;
  readonly #stopping = new AbortController();
  #resource: { value: T } | undefined;
  #loop: Promise<void> = Promise.resolve();
  readonly #retiring = new Set<Promise<void>>();

  constructor(options: LeaseOptions<T>) {
    this.#options = options;
  }

  get name(): string {
    return this.#options.name;
  }

  get isReady(): boolean {
    return this.#resource !== undefined;
  }

  /** @throws StoreUnavailableError while there is none. */
  get current(): T {
    if (!this.#resource) throw new StoreUnavailableError(`${this.name} cannot be reached`);
    return this.#resource.value;
  }

  start(): void {
    this.#loop = this.#run();
  }

  /** Closes what is open and ends the retries. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#loop;
    await Promise.all(this.#retiring);
  }

  async #run(): Promise<void> {
    let failures = 0;
    while (!this.#stopping.signal.aborted) {
      const breakage = new AbortController();
      let opened: { value: T };
      try {
        opened = { value: await this.#options.open((cause) => breakage.abort(cause)) };
        failures = 0;
      } catch (error) {
        this.#options.log.warn({ store: this.name, err: error }, "store not reached");
        await this.#pause(this.#backoffMs(failures++));
        continue;
      }
      this.#replace(opened);
      await this.#pause(this.#lifetimeMs(), breakage.signal);
      if (breakage.signal.aborted) {
        this.#options.log.warn({ store: this.name, err: breakage.signal.reason as unknown }, "store connection broke");
        if (this.#resource === opened) this.#replace(undefined);
        await this.#pause(this.#backoffMs(failures++));
      }
    }
    this.#replace(undefined);
  }

  #replace(next: { value: T } | undefined): void {
    const previous = this.#resource;
    this.#resource = next;
    if (!previous) return;
    const retired = this.#retire(previous.value).finally(() => this.#retiring.delete(retired));
    this.#retiring.add(retired);
  }

  async #retire(resource: T): Promise<void> {
    await this.#pause(this.#options.graceMs ?? DEFAULT_GRACE_MS);
    try {
      await this.#options.close(resource);
    } catch (error) {
      this.#options.log.debug({ store: this.name, err: error }, "closing a store connection");
    }
  }

  /** Exponential, with up to a half of jitter. */
  #backoffMs(failures: number): number {
    const full = Math.min((this.#options.firstRetryMs ?? DEFAULT_FIRST_RETRY_MS) * 2 ** failures, LAST_RETRY_MS);
    return full * (0.5 + Math.random() / 2);
  }

  /** Spread by a tenth, so that the stores do not all reconnect in the same second. */
  #lifetimeMs(): number {
    return (this.#options.lifetimeMs ?? DEFAULT_LIFETIME_MS) * (0.9 + Math.random() / 5);
  }

  /** Waits, but no longer than until the lease stops or `until` is aborted. */
  #pause(ms: number, until?: AbortSignal): Promise<void> {
    const signals = until ? [this.#stopping.signal, until] : [this.#stopping.signal];
    if (signals.some((signal) => signal.aborted)) return Promise.resolve();
    return new Promise((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        for (const signal of signals) signal.removeEventListener("abort", end);
        resolve();
      };
      const timer = setTimeout(end, ms);
      for (const signal of signals) signal.addEventListener("abort", end, { once: true });
    });
  }
}
