/** Keeps an inventory in step with the API of a cluster, and says what goes wrong with that: once, and what to do. */
import { setTimeout as sleep } from "node:timers/promises";
import type { WatchStatus } from "../api/cluster-source.ts";
import { ApiError } from "./api-error.ts";
import type { ApiServer } from "./api-server.ts";
import type { KubernetesInventory } from "./kubernetes-inventory.ts";
import { REFLECTOR_TIMINGS, Reflector } from "./reflector.ts";
import type { ReflectorStatus, ReflectorTimings } from "./reflector.ts";
import { RESOURCES, groupOf } from "./resource.ts";
import type { ResourceName } from "./resource.ts";

const EXPIRE_INTERVAL_MS = 60_000;

export interface WatchingDeps {
  readonly api: ApiServer;
  readonly inventory: KubernetesInventory;
  readonly timings?: ReflectorTimings;
  /** Something went wrong that did not the time before. */
  readonly warn: (message: string, error: Error) => void;
  /** What was wrong is no longer. */
  readonly info: (message: string) => void;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** All that the API is watched for. */
export class Watching {
  readonly #deps: WatchingDeps;
  readonly #reflectors: ReadonlyMap<ResourceName, Reflector>;
  /** What is wrong with each resource. */
  readonly #problems = new Map<ResourceName, Error>();
  /** Whether it was told that the API server itself is away. */
  #isAway = false;
  readonly #expiring: NodeJS.Timeout;
  readonly #startedMs: number;

  constructor(deps: WatchingDeps) {
    const { api, inventory, timings = REFLECTOR_TIMINGS, now } = deps;
    this.#deps = deps;
    this.#startedMs = now();
    const reflectorOf = (resource: ResourceName): Reflector =>
      new Reflector({
        ...{ resource, api, timings, now, random: Math.random },
        sink: inventory.sinks[resource],
        failed: (error) => this.#failed(resource, error),
        recovered: () => this.#recovered(resource),
      });
    this.#reflectors = new Map(RESOURCES.map((resource) => [resource, reflectorOf(resource)]));
    this.#expiring = setInterval(() => inventory.expire(now()), EXPIRE_INTERVAL_MS).unref();
    for (const reflector of this.#reflectors.values()) reflector.start();
  }

  /** What each resource is at. */
  status(): ReadonlyMap<ResourceName, ReflectorStatus> {
    return new Map([...this.#reflectors].map(([resource, reflector]) => [resource, reflector.status()]));
  }

  /**
   * Waits until every resource was listed, but for those that somebody has to mend first, and no longer than `limitMs`.
   * @returns the resources that were not listed
   */
  async listed(limitMs: number): Promise<readonly ResourceName[]> {
    const deadlineMs = this.#deps.now() + limitMs;
    for (;;) {
      const missing = [...this.#reflectors].filter(([, reflector]) => reflector.status().inStepMs === 0);
      const names = missing.map(([resource]) => resource);
      if (names.every((resource) => needsSomebody(this.#problems.get(resource)))) return names;
      if (this.#deps.now() >= deadlineMs) return names;
      await sleep(20);
    }
  }

  /** How each watch fares. */
  watches(): WatchStatus[] {
    return [...this.#reflectors].map(([resource, reflector]) => {
      const { objects, inStepMs } = reflector.status();
      return { resource, objects, inStepMs: inStepMs || null, problem: this.#problemOf(resource) };
    });
  }

  /** Why the inventory may not be what there is, that the API server is away once for all resources; empty when it is. */
  get problems(): readonly string[] {
    const [away] = this.#away();
    const others = [...this.#problems].filter(([, error]) => !isAway(error));
    return [...(away ? [away] : []), ...others].map(([resource, error]) => describe(resource, error));
  }

  /**
   * Since when the API server cannot be followed: when what has suffered from it was last known to be in step, milliseconds
   * since the epoch. Undefined while it can.
   */
  get awaySinceMs(): number | undefined {
    const away = this.#away().map(([resource]) => this.#reflectors.get(resource)?.status().inStepMs || this.#startedMs);
    return away.length === 0 ? undefined : Math.min(...away);
  }

  /** That the server is away is said in its own words: what to do is said once for all. */
  #problemOf(resource: ResourceName): string | null {
    const error = this.#problems.get(resource);
    if (!error) return null;
    return isAway(error) ? error.message : describe(resource, error);
  }

  #away(): [ResourceName, Error][] {
    return [...this.#problems].filter(([, error]) => isAway(error));
  }

  async stop(): Promise<void> {
    clearInterval(this.#expiring);
    await Promise.all([...this.#reflectors.values()].map((reflector) => reflector.stop()));
  }

  #failed(resource: ResourceName, error: Error): void {
    const before = this.#problems.get(resource);
    this.#problems.set(resource, error);
    if (isAway(error)) {
      if (!this.#isAway) this.#deps.warn(describe(resource, error), error);
      this.#isAway = true;
    } else if (!before || describe(resource, before) !== describe(resource, error)) {
      this.#deps.warn(describe(resource, error), error);
    }
  }

  #recovered(resource: ResourceName): void {
    const before = this.#problems.get(resource);
    if (!before) return;
    this.#problems.delete(resource);
    if (!isAway(before)) {
      this.#deps.info(`Kubernetes: ${resource} are in step again`);
    } else if (![...this.#problems.values()].some(isAway)) {
      this.#isAway = false;
      this.#deps.info("Kubernetes: the API server is followed again");
    }
  }
}

/** The server itself has the trouble, or the way to it, so all resources have it: it is told once for all. */
function isAway(error: Error): boolean {
  return !(error instanceof ApiError) || error.status >= 500 || error.status === 429;
}

function needsSomebody(error: Error | undefined): boolean {
  return error instanceof ApiError && error.needsSomebody;
}

/** What is wrong, and what to do about it. */
function describe(resource: ResourceName, error: Error): string {
  const group = groupOf(resource);
  const what = group === "" ? resource : `${resource}.${group}`;
  if (!(error instanceof ApiError) || isAway(error)) {
    return `Kubernetes: the API server cannot be followed (${what} first), what was known stays: ${error.message}`;
  }
  if (error.status === 403) {
    return (
      `Kubernetes: may not read ${what}; give Sidelight's service account a ClusterRole with the verbs list and watch ` +
      `on ${resource} of the API group "${group}" (docs/kubernetes.md). The API server says: ${error.message}`
    );
  }
  if (error.status === 401) {
    return `Kubernetes: the API server does not accept Sidelight's token or certificate (${what}): ${error.message}`;
  }
  return `Kubernetes: ${what} cannot be watched, what was known of them stays: HTTP ${error.status}, ${error.message}`;
}
