/** Tells Kubernetes Events of what is wrong, and who is observed: each once, and again only when it is something else. */
import { createHash } from "node:crypto";
import { ApiError } from "../api-error.ts";
import type { ApiServer } from "../api-server.ts";

/** What an Event is about. */
export interface Regarding {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  /** Undefined for a namespace itself. */
  readonly namespace: string | undefined;
  readonly uid: string | undefined;
}

export interface Notice {
  readonly regarding: Regarding;
  readonly reason:
    | "NotObserved"
    /** All is in place, and its sidecars tell nothing. */
    | "NotReporting"
    /** Its first report came. */
    | "Observed";
  readonly note: string;
}

/** The API takes no longer one. */
const MAX_NOTE_BYTES = 1_024;
const MOST_AT_ONCE = 20;
const IDLE_MS = 5_000;

export class Events {
  readonly #api: ApiServer;
  readonly #instance: string;
  readonly #signal: AbortSignal;
  /** The note that was told last, by what it is about and whether it is trouble. */
  readonly #told = new Map<string, string>();
  #problem: string | undefined;

  /** @param instance who tells them, the name of a pod or machine */
  constructor(api: ApiServer, instance: string, signal: AbortSignal) {
    this.#api = api;
    this.#instance = instance;
    this.#signal = signal;
  }

  /** Why the last one could not be told; undefined where it could. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /** Tells of what is new among all that there is to tell. What is too much at once waits for the next time. */
  async tell(notices: readonly Notice[]): Promise<void> {
    const now = new Map(notices.map((notice) => [keyOf(notice), notice]));
    for (const key of this.#told.keys()) if (!now.has(key)) this.#told.delete(key);
    const fresh = [...now].filter(([key, { note }]) => this.#told.get(key) !== note);
    for (const [key, notice] of fresh.slice(0, MOST_AT_ONCE)) {
      try {
        await this.#create(notice);
        this.#told.set(key, notice.note);
        this.#problem = undefined;
      } catch (error) {
        this.#problem = `Events cannot be written: ${(error as Error).message}`;
        return;
      }
    }
  }

  async #create(notice: Notice): Promise<void> {
    const { regarding, reason, note } = notice;
    const { namespace: of, ...named } = regarding;
    // Events of what is in no namespace stand in this one.
    const namespace = of ?? "default";
    // The same notice has the same name, so that a control that starts anew does not tell it again.
    const hash = createHash("sha256")
      .update(`${keyOf(notice)} ${note}`)
      .digest("hex")
      .slice(0, 16);
    const content = {
      ...{ apiVersion: "events.k8s.io/v1", kind: "Event", type: reason === "Observed" ? "Normal" : "Warning" },
      metadata: { namespace, name: `sidelight-observe-${hash}` },
      eventTime: new Date().toISOString().replace("Z", "000Z"),
      ...{ reportingController: "sidelight.dev/opt-in", reportingInstance: this.#instance.slice(0, 128) },
      ...{ action: "Observe", reason, note: cut(note) },
      regarding: { ...named, ...(of !== undefined && { namespace: of }) },
    };
    try {
      await this.#api.ask({
        ...{
          method: "POST",
          path: `/apis/events.k8s.io/v1/namespaces/${namespace}/events`,
          accept: "application/json",
        },
        ...{ body: { type: "application/json", content }, idleMs: IDLE_MS, signal: this.#signal },
      });
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 409) throw error;
    }
  }
}

/** A workload can be observed and have trouble too, such as with one of its pods. */
function keyOf({ regarding: { kind, namespace = "", name }, reason }: Notice): string {
  return `${kind} ${namespace}/${name} ${reason === "Observed" ? reason : ""}`;
}

function cut(note: string): string {
  const bytes = Buffer.from(note);
  return bytes.length <= MAX_NOTE_BYTES
    ? note
    : `${bytes
        .subarray(0, MAX_NOTE_BYTES - 4)
        .toString("utf8")
        .replace(/\uFFFD+$/, "")}…`;
}
