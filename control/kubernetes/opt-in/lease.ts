/**
 * One of several controls writes: the one that holds a Lease. As client-go's leaderelection does it
 * (https://github.com/kubernetes/client-go/blob/master/tools/leaderelection/leaderelection.go): clocks of others are never believed.
 * A Lease is over when this control has not seen it change for as long as it lasts; its holder stops writing earlier than that.
 */
import { ApiError } from "../api-error.ts";
import type { ApiServer } from "../api-server.ts";

/** Milliseconds. */
export interface LeaseTimings {
  /** Others may take it this long after it was last renewed. */
  readonly durationMs: number;
  /** Its holder does not count on it any more this long after it last began to renew it. */
  readonly renewLimitMs: number;
  readonly retryMs: number;
}

export const LEASE_TIMINGS: LeaseTimings = { durationMs: 15_000, renewLimitMs: 10_000, retryMs: 2_000 };

export interface LeaseDeps {
  readonly api: ApiServer;
  readonly namespace: string;
  readonly name: string;
  /** Another one for each process. */
  readonly identity: string;
  readonly timings: LeaseTimings;
  /** Milliseconds of a clock that only goes on. */
  readonly clock: () => number;
  /** From 0 up to 1. */
  readonly random: () => number;
  /** Told when it is held from now on, and when no longer. */
  readonly changed: (isHeld: boolean) => void;
}

interface LeaseSpec {
  readonly holderIdentity?: string | null;
  readonly leaseDurationSeconds?: number | null;
  readonly acquireTime?: string | null;
  readonly renewTime?: string | null;
  readonly leaseTransitions?: number | null;
}

interface LeaseObject {
  readonly metadata: { readonly resourceVersion?: string };
  readonly spec?: LeaseSpec;
}

const IDLE_MS = 5_000;

export class Lease {
  readonly #deps: LeaseDeps;
  readonly #stopping = new AbortController();
  /** When it was last renewed here, before it was asked for; undefined while another holds it. */
  #renewedMs: number | undefined;
  /** The Lease as it was last seen, and since when it is so. */
  #seen: { readonly version: string; readonly sinceMs: number } | undefined;
  #wasHeld = false;
  #error: Error | undefined;
  #timer: NodeJS.Timeout | undefined;
  #trying: Promise<void> = Promise.resolve();

  constructor(deps: LeaseDeps) {
    this.#deps = deps;
  }

  /** Whether this control may write now. */
  get isHeld(): boolean {
    const { timings, clock } = this.#deps;
    return this.#renewedMs !== undefined && clock() < this.#renewedMs + timings.renewLimitMs;
  }

  /** Why it can be neither taken nor read; undefined while it can. */
  get error(): Error | undefined {
    return this.#error;
  }

  /** The same in words, with what to do. */
  get problem(): string | undefined {
    return this.#error && this.#describe(this.#error);
  }

  start(): void {
    this.#next(0);
  }

  /** Gives it back, so that another need not wait for its end. */
  async stop(): Promise<void> {
    clearTimeout(this.#timer);
    this.#stopping.abort();
    await this.#trying;
    if (!this.isHeld) return;
    this.#renewedMs = undefined;
    this.#tell();
    // Where that fails it ends by itself.
    await this.#release(AbortSignal.timeout(IDLE_MS)).catch(() => undefined);
  }

  #next(inMs: number): void {
    if (this.#stopping.signal.aborted) return;
    this.#timer = setTimeout(() => {
      this.#trying = this.#try().then(() => {
        const { retryMs } = this.#deps.timings;
        this.#next(retryMs * (1 + 0.2 * this.#deps.random()));
      });
    }, inMs).unref();
  }

  async #try(): Promise<void> {
    try {
      await this.#take();
      this.#error = undefined;
    } catch (error) {
      if (this.#stopping.signal.aborted) return;
      const isRace = error instanceof ApiError && error.status === 409;
      if (!isRace) this.#error = error as Error;
    }
    this.#tell();
  }

  async #take(): Promise<void> {
    const { signal } = this.#stopping;
    const beganMs = this.#deps.clock();
    const found = await this.#read(signal);
    if (!found) {
      await this.#send("POST", { spec: this.#spec(undefined), signal });
    } else if (this.#mayTake(found, beganMs)) {
      await this.#send("PUT", { spec: this.#spec(found.spec), version: found.metadata.resourceVersion, signal });
    } else {
      this.#renewedMs = undefined;
      return;
    }
    this.#renewedMs = beganMs;
  }

  #mayTake({ metadata, spec = {} }: LeaseObject, nowMs: number): boolean {
    const { identity, timings } = this.#deps;
    const version = metadata.resourceVersion ?? "";
    if (this.#seen?.version !== version) this.#seen = { version, sinceMs: nowMs };
    if (!spec.holderIdentity || spec.holderIdentity === identity) return true;
    const lastsMs = (spec.leaseDurationSeconds ?? timings.durationMs / 1_000) * 1_000;
    return nowMs >= this.#seen.sinceMs + lastsMs;
  }

  #spec(before: LeaseSpec | undefined): LeaseSpec {
    const { identity, timings } = this.#deps;
    const now = microTime();
    const isOwn = before?.holderIdentity === identity;
    return {
      holderIdentity: identity,
      leaseDurationSeconds: Math.ceil(timings.durationMs / 1_000),
      acquireTime: (isOwn && before.acquireTime) || now,
      renewTime: now,
      leaseTransitions: (before?.leaseTransitions ?? 0) + (before && !isOwn ? 1 : 0),
    };
  }

  async #release(signal: AbortSignal): Promise<void> {
    const found = await this.#read(signal);
    if (found?.spec?.holderIdentity !== this.#deps.identity) return;
    const spec = { ...this.#spec(found.spec), holderIdentity: "", leaseDurationSeconds: 1 };
    await this.#send("PUT", { spec, version: found.metadata.resourceVersion, signal });
  }

  get #path(): string {
    return `/apis/coordination.k8s.io/v1/namespaces/${this.#deps.namespace}/leases`;
  }

  async #read(signal: AbortSignal): Promise<LeaseObject | undefined> {
    const path = `${this.#path}/${this.#deps.name}`;
    try {
      return (await this.#deps.api.ask({ path, accept: "application/json", idleMs: IDLE_MS, signal })) as LeaseObject;
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) return undefined;
      throw error;
    }
  }

  async #send(
    method: "POST" | "PUT",
    sent: { readonly spec: LeaseSpec; readonly version?: string | undefined; readonly signal: AbortSignal },
  ): Promise<void> {
    const { api, namespace, name } = this.#deps;
    const metadata = { namespace, name, ...(sent.version && { resourceVersion: sent.version }) };
    const content = { apiVersion: "coordination.k8s.io/v1", kind: "Lease", metadata, spec: sent.spec };
    await api.ask({
      ...{ method, path: method === "POST" ? this.#path : `${this.#path}/${name}`, accept: "application/json" },
      ...{ body: { type: "application/json", content }, idleMs: IDLE_MS, signal: sent.signal },
    });
  }

  #tell(): void {
    if (this.#wasHeld === this.isHeld) return;
    this.#wasHeld = this.isHeld;
    this.#deps.changed(this.#wasHeld);
  }

  #describe(error: Error): string {
    const { namespace, name } = this.#deps;
    const what = `the Lease ${name} in namespace ${namespace} cannot be held, so nothing is turned on or off`;
    const isRefused = error instanceof ApiError && error.status === 403;
    const mend = isRefused
      ? "; give Sidelight's service account a Role there with the verbs get, create and update on leases of coordination.k8s.io"
      : "";
    return `${what}${mend}: ${error.message}`;
  }
}

/** As the API has it: with microseconds. */
function microTime(): string {
  return new Date().toISOString().replace("Z", "000Z");
}
