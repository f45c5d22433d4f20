/** Opt-in in a cluster: looks at what is annotated, keeps the plugins as they should be, and says how everybody fares. */
import type { OptInStanding, WatchStatus } from "../../api/cluster-source.ts";
import type { OptInSource, OptInStatus, OptedInWorkload } from "../../api/opt-in-source.ts";
import type { ApiServer } from "../api-server.ts";
import { REFLECTOR_TIMINGS, Reflector } from "../reflector.ts";
import type { ReflectorTimings } from "../reflector.ts";
import { inOrder, namespacesWith, untouched } from "./everybody.ts";
import { Events } from "./events.ts";
import { FirstReports } from "./first-reports.ts";
import { KnownPlugins } from "./known-plugins.ts";
import { LEASE_TIMINGS, Lease } from "./lease.ts";
import type { LeaseTimings } from "./lease.ts";
import type { NamespaceState, WorkloadCount } from "./namespace-state.ts";
import { planNamespace } from "./plan.ts";
import type { NamespacePlan, PlannedPlugin, PlannedWorkload } from "./plan.ts";
import { keyOfPlugin, writtenMs } from "./plugin.ts";
import type { Installation } from "./plugin.ts";
import { PluginWriter } from "./plugin-writer.ts";
import { Reconciler } from "./reconciler.ts";
import type { WriteCounts } from "./reconciler.ts";
import { pluginsProblem, standingOf } from "./standing.ts";
import { workloadStatus } from "./status.ts";
import type { Fetched, Reports } from "./status.ts";
import { troublesOf } from "./troubles.ts";

/** What is known of the cluster. */
export interface ClusterView {
  /** Another number whenever `namespaceStates` may be others. */
  readonly stateRevision: number;
  namespaceStates(): NamespaceState[];
  /** Every namespace, with what its annotation says, and every workload: those too of which nothing is planned. */
  observedNamespaces(): ReadonlyMap<string, string | undefined>;
  workloadCounts(): readonly WorkloadCount[];
}

export interface OptInDeps {
  readonly api: ApiServer;
  readonly view: ClusterView;
  /** Whether all that a plan is made of was listed. Before that nothing is written: it would turn off what is on. */
  readonly isListed: () => boolean;
  readonly installation: Installation;
  readonly ownerName: string | undefined;
  /** The mesh's root namespace. */
  readonly rootNamespace: string;
  /** Whether opaque TCP is counted too. */
  readonly withTcp: boolean;
  /** The Lease is in this namespace, by this name. */
  readonly lease: { readonly namespace: string; readonly name: string };
  /** Another one for each process, with the name of its pod or machine. */
  readonly identity: string;
  /** By node id; read again for each status. */
  readonly reports: () => ReadonlyMap<string, Reports>;
  /** Whether others told of requests from or to a workload, by its node id, of late. */
  readonly isSpokenOf: (node: string) => boolean;
  /** Whether a workload's sidecars, by its node id, fetched the filter for a plugin that was written then. */
  readonly fetched: (node: string, writtenMs: number) => Fetched;
  readonly info: (message: string) => void;
  readonly warn: (message: string) => void;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly timings?: {
    readonly lease?: LeaseTimings;
    readonly reflector?: ReflectorTimings;
    /** From its start until plugins that are there are changed, milliseconds. */
    readonly changesAfterMs?: number;
  };
}

/** How often it is looked whether there is something new: a burst of changes is one. */
const TICK_MS = 250;
/** No more than this share of the time goes into passes where the cluster changes all the time. */
const LARGEST_SHARE = 0.1;
const TELL_INTERVAL_MS = 2_000;
/** A filter that has lost control opens the next stream within 15 s, and then tells what it held. */
const CHANGES_AFTER_MS = 30_000;
/** Of what is wrong with plugins that are no workload's, or for TCP, no more is told at once. */
const MOST_OTHERS = 20;

export class OptIn implements OptInSource {
  readonly #deps: OptInDeps;
  readonly #known = new KnownPlugins();
  readonly #stopping = new AbortController();
  readonly #reflector: Reflector;
  readonly #lease: Lease;
  readonly #reconciler: Reconciler;
  readonly #events: Events;
  readonly #firstReports: FirstReports;
  #pluginsError: Error | undefined;
  #plans: readonly NamespacePlan[] = [];
  #seen = { state: -1, plugins: -1, isLeader: false };
  /** When there is something to do without anything new. */
  #retryMs: number | undefined;
  #restMs = 0;
  #toldMs = 0;
  /** What the log was told of and is still so. */
  #warned: ReadonlySet<string> = new Set();
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;

  constructor(deps: OptInDeps) {
    const { api, installation, ownerName, identity, info, now, timings = {} } = deps;
    const random = Math.random;
    this.#deps = deps;
    this.#reflector = new Reflector({
      ...{ resource: "wasmplugins", api, sink: this.#known, now, random },
      timings: timings.reflector ?? REFLECTOR_TIMINGS,
      failed: (error) => (this.#pluginsError = error),
      recovered: () => (this.#pluginsError = undefined),
    });
    this.#lease = new Lease({
      ...{ ...deps.lease, api, identity, random, timings: timings.lease ?? LEASE_TIMINGS },
      clock: () => performance.now(),
      changed: (isHeld) =>
        info(isHeld ? "Opt-in: this control writes WasmPlugins now" : "Opt-in: another control writes"),
    });
    this.#reconciler = new Reconciler({
      ...{ installation, ownerName, now, random, known: this.#known },
      writer: new PluginWriter(api, this.#stopping.signal),
      changesFromMs: now() + (timings.changesAfterMs ?? CHANGES_AFTER_MS),
      mayWrite: () => this.#lease.isHeld && !this.#stopping.signal.aborted,
    });
    this.#events = new Events(api, identity, this.#stopping.signal);
    this.#firstReports = new FirstReports(now());
  }

  start(): void {
    this.#reflector.start();
    this.#lease.start();
    this.#timer = setInterval(() => {
      this.#running ??= this.#tick().finally(() => (this.#running = undefined));
    }, TICK_MS).unref();
  }

  /** Leaves the plugins as they are. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#stopping.abort();
    await this.#running;
    await Promise.all([this.#reflector.stop(), this.#lease.stop()]);
  }

  /** Whether this control writes. */
  get isLeader(): boolean {
    return this.#lease.isHeld;
  }

  /** What was written since this control started. */
  get counts(): WriteCounts {
    return this.#reconciler.counts;
  }

  /** Those who are annotated, or in a namespace that is, as they fare now. */
  get workloads(): OptedInWorkload[] {
    return this.#told(this.#deps.reports());
  }

  status(tellsAll = false): OptInStatus {
    const { view, rootNamespace } = this.#deps;
    const problems = this.#ofNamespaces();
    const reports = this.#deps.reports();
    const told = this.#told(reports);
    const all = this.#everybody(told, reports);
    const namespaces = namespacesWith(view.observedNamespaces(), all, { problems, rootNamespace });
    const planned = new Set(this.#plans.map(({ namespace }) => namespace));
    return {
      isLeader: this.#lease.isHeld,
      namespaces: tellsAll ? namespaces : namespaces.filter(({ name }) => planned.has(name)),
      workloads: tellsAll ? all : told,
      problems: [...this.#general(), ...problems.values()],
    };
  }

  /** How it stands as a whole. */
  standing(): OptInStanding {
    const { workloads } = this;
    return {
      state: standingOf({
        isListed: this.#deps.isListed() && this.#reflector.status().inStepMs > 0,
        isLeader: this.#lease.isHeld,
        ...{ pluginsError: this.#pluginsError, leaseError: this.#lease.error },
        isDenied: this.#reconciler.isDenied,
      }),
      on: workloads.filter(({ by }) => by !== null).length,
      reporting: workloads.filter(({ state }) => state === "reporting").length,
      troubled: workloads.filter(({ problems, state }) => problems.length > 0 && state !== "waiting").length,
      problems: [...this.#general(), ...this.#ofNamespaces().values()],
    };
  }

  /** How the watch of plugins fares. */
  watch(): WatchStatus {
    const { objects, inStepMs } = this.#reflector.status();
    return { resource: "wasmplugins", objects, inStepMs: inStepMs || null, problem: this.#pluginsProblem ?? null };
  }

  /** Those whom a plan tells of. */
  #told(reports: ReadonlyMap<string, Reports>): OptedInWorkload[] {
    return this.#plans.flatMap((plan) => plan.workloads.map((workload) => this.#statusOf(workload, reports)));
  }

  /** Those of whom a plan tells, and all others. */
  #everybody(told: readonly OptedInWorkload[], reports: ReadonlyMap<string, Reports>): OptedInWorkload[] {
    const ids = new Set(told.map(({ namespace, name }) => `${namespace}/${name}`));
    const others = this.#deps.view.workloadCounts().flatMap((count) => {
      const id = `${count.namespace}/${count.name}`;
      return ids.has(id) ? [] : [untouched(count, reports.get(id))];
    });
    return [...told, ...others].sort(inOrder);
  }

  get #pluginsProblem(): string | undefined {
    return this.#pluginsError && pluginsProblem(this.#pluginsError);
  }

  #statusOf(planned: PlannedWorkload, reports: ReadonlyMap<string, Reports>): OptedInWorkload {
    const { installation, isSpokenOf, fetched, now } = this.#deps;
    const { namespace, name } = planned;
    const node = `${namespace}/${name}`;
    const key = planned.plugin === undefined ? undefined : keyOfPlugin({ namespace, name: planned.plugin });
    const refusal = key === undefined ? undefined : this.#reconciler.problemOf(key);
    const plugin = key === undefined || refusal !== undefined ? undefined : this.#known.get(key);
    return workloadStatus(planned, {
      ...{ plugin, refusal, reports: reports.get(node) },
      isSpokenOf: () => isSpokenOf(node),
      fetched: () => (plugin ? fetched(node, writtenMs(plugin)) : "unknown"),
      ...{ filterUrl: installation.filter.url, ingest: installation.ingest, nowMs: now() },
    });
  }

  #general(): string[] {
    const all = [this.#pluginsProblem, this.#lease.problem, this.#reconciler.problem, this.#events.problem];
    const listed = this.#deps.isListed()
      ? undefined
      : "The cluster is not listed yet: until then nothing is turned on or off";
    // Those of plugins for HTTP are told with their workloads.
    const others = this.#reconciler.problemsBut(this.#planned.filter(({ kind }) => kind === "http"));
    return [listed, ...all, ...others.slice(0, MOST_OTHERS)].filter((problem) => problem !== undefined);
  }

  /** What is wrong with whole namespaces, by name. */
  #ofNamespaces(): Map<string, string> {
    return new Map(
      this.#plans.flatMap(({ namespace, plugins, problem }) => {
        const whole = plugins.find(({ kind, selector }) => kind === "http" && selector === undefined);
        const why = problem ?? (whole && this.#reconciler.problemOf(keyOfPlugin(whole)));
        return why === undefined ? [] : [[namespace, why] as const];
      }),
    );
  }

  async #tick(): Promise<void> {
    const { isListed, now, warn } = this.#deps;
    if (!isListed() || now() < this.#restMs) return;
    const beganMs = performance.now();
    const isNew = this.#lookAround();
    const isDue = isNew || (this.#retryMs !== undefined && now() >= this.#retryMs);
    try {
      if (isDue && this.#mayPass()) this.#retryMs = await this.#reconciler.pass(this.#planned);
      await this.#tell();
    } catch (error) {
      this.#retryMs = now() + TICK_MS;
      warn(`Opt-in: ${(error as Error).message}`);
    }
    this.#restMs = now() + (performance.now() - beganMs) * (1 / LARGEST_SHARE - 1);
  }

  /** Plans anew where something is new. @returns whether there may be something to write */
  #lookAround(): boolean {
    const { view, rootNamespace, withTcp } = this.#deps;
    const seen = { state: view.stateRevision, plugins: this.#known.revision, isLeader: this.#mayPass() };
    if (seen.state !== this.#seen.state) {
      this.#plans = view.namespaceStates().map((state) => {
        return planNamespace(state, { isRoot: state.name === rootNamespace, withTcp });
      });
    }
    const before = this.#seen;
    this.#seen = seen;
    return seen.state !== before.state || seen.plugins !== before.plugins || (seen.isLeader && !before.isLeader);
  }

  #mayPass(): boolean {
    return this.#lease.isHeld && this.#reflector.status().inStepMs > 0;
  }

  get #planned(): PlannedPlugin[] {
    return this.#plans.flatMap(({ plugins }) => plugins);
  }

  /** Tells each thing once: the log of all that is wrong, and whoever looks at a workload of what concerns that. */
  async #tell(): Promise<void> {
    const { now, warn } = this.#deps;
    if (now() < this.#toldMs + TELL_INTERVAL_MS) return;
    this.#toldMs = now();
    const planned = this.#plans.flatMap((plan) => plan.workloads);
    const { workloads } = this;
    const observed = this.#firstReports.notices(workloads, planned, now());
    const troubles = this.#lease.isHeld ? troublesOf(workloads, planned, this.#ofNamespaces()) : [];
    const notes = new Set([
      ...this.#general(),
      ...troubles.map(
        ({ regarding, note }) => `${regarding.kind} ${regarding.namespace ?? ""}/${regarding.name}: ${note}`,
      ),
    ]);
    for (const note of notes) if (!this.#warned.has(note)) warn(`Opt-in: ${note}`);
    this.#warned = notes;
    if (this.#lease.isHeld) await this.#events.tell([...troubles, ...observed]);
  }
}
