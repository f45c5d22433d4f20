/** Makes the WasmPlugins of the cluster what is planned, and writes nothing where they are. */
import { ApiError } from "../api-error.ts";
import { Holds } from "./holds.ts";
import type { KnownPlugins } from "./known-plugins.ts";
import type { PlannedPlugin } from "./plan.ts";
import { isAsWished, isOwn, keyOfPlugin, manifestOf } from "./plugin.ts";
import type { Installation, Owner, PluginManifest, PluginObject } from "./plugin.ts";
import type { PluginWriter } from "./plugin-writer.ts";

export interface ReconcilerDeps {
  readonly writer: PluginWriter;
  readonly known: KnownPlugins;
  readonly installation: Installation;
  /** The ClusterRole with which plugins go; undefined for none. */
  readonly ownerName: string | undefined;
  /**
   * Plugins that are there are not changed before, milliseconds since the epoch: whoever held reports while control was away is to
   * have told them, since a sidecar that gets another filter loses what the one before still holds and has no stream for.
   */
  readonly changesFromMs: number;
  /** Asked before each write. */
  readonly mayWrite: () => boolean;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** From 0 up to 1. */
  readonly random: () => number;
}

export interface WriteCounts {
  readonly created: number;
  readonly updated: number;
  readonly removed: number;
  readonly refused: number;
}

type Task =
  | { readonly kind: "create"; readonly key: string; readonly wished: PluginManifest }
  | { readonly kind: "update"; readonly key: string; readonly wished: PluginManifest; readonly found: PluginObject }
  | { readonly kind: "remove"; readonly key: string; readonly found: PluginObject };

interface Problem {
  readonly text: string;
  /** A role lacks something. */
  readonly isDenied: boolean;
}

/** A pass writes no more than this; the rest waits for the next one, in a moment. */
const MOST_A_PASS = 200;
const LANES = 4;

export class Reconciler {
  readonly #deps: ReconcilerDeps;
  readonly #holds: Holds;
  /** What is wrong with a plugin, by its key. */
  readonly #problems = new Map<string, Problem>();
  #counts = { created: 0, updated: 0, removed: 0, refused: 0 };
  #owner: Owner | undefined;
  #ownerProblem: string | undefined;
  /** Whether something is to be changed that may not be yet. */
  #isWaiting = false;

  constructor(deps: ReconcilerDeps) {
    this.#deps = deps;
    this.#holds = new Holds(deps.random);
  }

  /** Since this control started. */
  get counts(): WriteCounts {
    return this.#counts;
  }

  /** Why nothing at all is written. */
  get problem(): string | undefined {
    return this.#ownerProblem;
  }

  /** @param key "namespace/name" of a plugin */
  problemOf(key: string): string | undefined {
    return this.#problems.get(key)?.text;
  }

  /** Whether a role keeps it from what it is to do. */
  get isDenied(): boolean {
    return this.#ownerProblem !== undefined || [...this.#problems.values()].some(({ isDenied }) => isDenied);
  }

  /** What is wrong with plugins but these, each thing once. */
  problemsBut(told: readonly PlannedPlugin[]): string[] {
    const keys = new Set(told.map(keyOfPlugin));
    return [...new Set([...this.#problems].flatMap(([key, { text }]) => (keys.has(key) ? [] : [text])))];
  }

  /**
   * Does what is to be done now.
   * @returns when to try again what was refused or waits, milliseconds since the epoch; undefined where there is nothing
   */
  async pass(planned: readonly PlannedPlugin[]): Promise<number | undefined> {
    if (this.#tasks(planned).length > 0) await this.#readOwner();
    else this.#ownerProblem = undefined;
    if (this.#ownerProblem !== undefined) return this.#deps.now() + this.#holds.hold("owner", this.#deps.now());
    const tasks = this.#tasks(planned);
    const waiting = tasks.slice(0, MOST_A_PASS);
    const lane = async (): Promise<void> => {
      for (let task = waiting.shift(); task && this.#deps.mayWrite(); task = waiting.shift()) await this.#do(task);
    };
    await Promise.all(Array.from({ length: LANES }, lane));
    const nowMs = this.#deps.now();
    if (tasks.length > MOST_A_PASS) return nowMs;
    const next = this.#holds.nextMs(nowMs);
    return this.#isWaiting ? Math.min(next ?? Infinity, this.#deps.changesFromMs) : next;
  }

  /** What differs, but for what is held back. */
  #tasks(planned: readonly PlannedPlugin[]): Task[] {
    const { known, installation, now } = this.#deps;
    const wishes = new Map(
      planned.map((plugin) => [keyOfPlugin(plugin), manifestOf(plugin, installation, this.#owner)]),
    );
    const tasks: Task[] = [];
    for (const key of this.#problems.keys()) {
      const found = known.get(key);
      // Neither to be made nor to be removed: it concerns nobody here any more.
      if (!wishes.has(key) && !(found && isOwn(found, installation))) this.#problems.delete(key);
    }
    for (const [key, wished] of wishes) tasks.push(...this.#taskFor(key, wished));
    for (const [key, found] of known.all()) {
      if (!wishes.has(key) && isOwn(found, installation)) tasks.push({ kind: "remove", key, found });
    }
    this.#isWaiting = now() < this.#deps.changesFromMs && tasks.some(({ kind }) => kind === "update");
    const due = this.#isWaiting ? tasks.filter(({ kind }) => kind !== "update") : tasks;
    return due.filter(({ key }) => !this.#holds.isHeld(key, now()));
  }

  #taskFor(key: string, wished: PluginManifest): Task[] {
    const { known, installation, now } = this.#deps;
    const found = known.get(key);
    if (!found) return [{ kind: "create", key, wished }];
    if (!isOwn(found, installation)) {
      this.#problems.set(key, { text: notOwn(key), isDenied: false });
      return [];
    }
    if (!isAsWished(found, wished)) return [{ kind: "update", key, wished, found }];
    this.#problems.delete(key);
    this.#holds.settled(key, now());
    return [];
  }

  async #do(task: Task): Promise<void> {
    const { now } = this.#deps;
    try {
      await this.#write(task);
      this.#problems.delete(task.key);
      this.#holds.hold(task.key, now());
    } catch (error) {
      if (!this.#deps.mayWrite()) return;
      this.#counts = { ...this.#counts, refused: this.#counts.refused + 1 };
      this.#problems.set(task.key, problemOf(task, error as Error));
      this.#holds.hold(task.key, now());
    }
  }

  async #write(task: Task): Promise<void> {
    const { writer, known } = this.#deps;
    const counts = this.#counts;
    if (task.kind === "remove") {
      await writer.remove(task.found);
      known.remove(task.found.metadata.uid);
      this.#counts = { ...counts, removed: this.#counts.removed + 1 };
    } else if (task.kind === "create") {
      known.put(await writer.create(task.wished));
      this.#counts = { ...this.#counts, created: this.#counts.created + 1 };
    } else {
      known.put(await writer.update(task.found, task.wished));
      this.#counts = { ...this.#counts, updated: this.#counts.updated + 1 };
    }
  }

  /** Each time, since one that was made anew is another: what names the one before would be removed with it. */
  async #readOwner(): Promise<void> {
    const { ownerName, writer } = this.#deps;
    if (ownerName === undefined) return;
    try {
      this.#owner = await writer.owner(ownerName);
      this.#ownerProblem = undefined;
      this.#holds.forget("owner");
    } catch (error) {
      this.#ownerProblem =
        `The ClusterRole ${ownerName}, with which plugins are to go when Sidelight is uninstalled, cannot be read, so nothing ` +
        `is turned on or off: ${(error as Error).message}. Set SIDELIGHT_OBSERVE_OWNER to the one that grants writing ` +
        "WasmPlugins, and let it grant to get itself";
    }
  }
}

function notOwn(key: string): string {
  return `There is a WasmPlugin ${key} that this Sidelight has not made; it is left as it is. Rename or delete it`;
}

const VERBS = { create: "create and patch", update: "patch", remove: "delete" } as const;

function problemOf(task: Task, error: Error): Problem {
  const isRefused = error instanceof ApiError && error.status === 403;
  return { text: describe(task, error), isDenied: isRefused && !isPolicy(error) };
}

/** What an apply and a patch are answered where Istio's definition of WasmPlugin has no `type`. */
const TYPE_IS_UNKNOWN = /\.spec\.type: field not declared in schema|unknown field "spec\.type"/;
const HAS_NO_TYPE =
  "This Istio's definition of WasmPlugin has no field `type`, so opaque TCP through sidecars is not counted; HTTP and gRPC are. " +
  "Update Istio and its definitions, or set SIDELIGHT_OBSERVE_TCP=off";

/** The cluster's own rules refuse it, whatever the role grants. */
function isPolicy(error: Error): boolean {
  return /admission webhook|ValidatingAdmissionPolicy/.test(error.message);
}

function describe({ kind, key }: Task, error: Error): string {
  const what = `The API server refuses to ${kind} WasmPlugin ${key}`;
  if (!(error instanceof ApiError))
    return `WasmPlugin ${key} could not be written, it is tried again: ${error.message}`;
  if (TYPE_IS_UNKNOWN.test(error.message)) return HAS_NO_TYPE;
  if (isPolicy(error)) {
    return `${what}: ${error.message}. Let that policy or webhook pass WasmPlugins of Sidelight`;
  }
  if (error.status === 403) {
    return `${what}; give Sidelight's service account the verbs ${VERBS[kind]} on wasmplugins of extensions.istio.io (docs/opt-in.md): ${error.message}`;
  }
  if (error.status === 404) return `${what}: Istio, or the namespace, is not there any more: ${error.message}`;
  if (error.status === 409)
    return `WasmPlugin ${key} was changed by somebody else at the same moment, it is tried again`;
  return `${what}: HTTP ${error.status}, ${error.message}`;
}
