import type { Outcome, PodTraffic, Protocol, ReportedWindow, ReporterSide } from "../../identity/observation.ts";
import type { PodEnd } from "../../identity/pod-end.ts";
import { boundedPods, podKeyText } from "../pod-keys.ts";
import type { PodKey } from "../pod-keys.ts";
import type { Row, Transaction } from "./session.ts";

/** Keys of pods that a history holds by default, about 60 MB in memory. */
const MAX_POD_KEYS = 100_000;

export interface AddedPodKey {
  readonly id: number;
  readonly key: PodKey;
}

/**
 * The keys of what pods said (schema.ts), mirrored in memory. What an append adds is kept only when its transaction was
 * committed.
 */
export class PodNames {
  readonly #ids = new Map<string, number>();
  readonly #maxKeys: number;
  #next = 1;

  /** @param maxKeys past it pods are `~other`, until expiry has made room */
  constructor(maxKeys = MAX_POD_KEYS) {
    this.#maxKeys = maxKeys;
  }

  /** Reads what the database holds. */
  static async load(tx: Transaction, maxKeys?: number): Promise<PodNames> {
    const names = new PodNames(maxKeys);
    for (const row of await tx.rows("SELECT * FROM pod_keys")) {
      const id = row["key_id"] as number;
      names.#ids.set(podKeyText(podKeyOf(row)), id);
      names.#next = Math.max(names.#next, id + 1);
    }
    return names;
  }

  /** The window as there is room for it. */
  bounded(window: ReportedWindow, added: ReadonlyMap<string, AddedPodKey>): ReportedWindow {
    if (this.#ids.size + added.size + window.pods.length <= this.#maxKeys) return window;
    return boundedPods(window, (text) => this.#ids.has(text) || added.has(text));
  }

  /** The number of a key; a new one is put on `added` and must be written by the caller. */
  keyId(traffic: PodTraffic, added: Map<string, AddedPodKey>): number {
    const text = podKeyText(traffic);
    const known = this.#ids.get(text) ?? added.get(text)?.id;
    if (known !== undefined) return known;
    const id = this.#next + added.size;
    added.set(text, { id, key: traffic });
    return id;
  }

  /** Takes over what was committed. */
  keep(added: ReadonlyMap<string, AddedPodKey>): void {
    for (const [text, { id }] of added) this.#ids.set(text, id);
    this.#next += added.size;
  }
}

/** The key of a row that holds the columns of `pod_keys`. */
export function podKeyOf(row: Row): PodKey {
  return {
    side: row["side"] as ReporterSide,
    client: endOf(row, "client"),
    server: endOf(row, "server"),
    protocol: row["protocol"] as Protocol,
    outcome: row["outcome"] as Outcome,
  };
}

function endOf(row: Row, end: "client" | "server"): PodEnd {
  return {
    workload: row[end] as string,
    pod: row[`${end}_pod`] as string,
    node: row[`${end}_node`] as string,
    version: row[`${end}_version`] as string,
  };
}
