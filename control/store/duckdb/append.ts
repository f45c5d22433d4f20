import type { NodeIdentity } from "../../identity/node.ts";
import type { Exemplar, Observation, PodTraffic, ReportedWindow } from "../../identity/observation.ts";
import type { PodEnd } from "../../identity/pod-end.ts";
import { ExemplarChoice } from "../exemplar-budget.ts";
import type { ExemplarBudget } from "../exemplar-budget.ts";
import type { AddedKey, Names } from "./names.ts";
import { createPartitions } from "./partitions.ts";
import type { Place } from "./partitions.ts";
import type { AddedPodKey, PodNames } from "./pod-names.ts";
import { EXEMPLARS, FINEST, LOSSES, POD_LEVELS, WINDOWS, partitionName, partitionOf } from "./schema.ts";
import type { Partitioned } from "./schema.ts";
import type { Transaction } from "./session.ts";
import { COLUMN, TableBatch } from "./table-batch.ts";
import type { Column } from "./table-batch.ts";

const { text, integer, bigint, double, indexes, counts } = COLUMN;

/** The columns of the tables of schema.ts, in their order. */
const WINDOW_COLUMNS = [bigint, text, text, bigint, bigint];
const LOSS_COLUMNS = [bigint, bigint, text, bigint];
const ROW_COLUMNS = [bigint, bigint, bigint, integer, bigint, bigint, bigint, indexes, counts, bigint];
const POD_COLUMNS = ROW_COLUMNS.slice(0, -1);
const EXEMPLAR_COLUMNS = [
  ...[bigint, text, text, text, text, text, text, text, text, integer],
  ...[text, double, bigint, text, text],
];
const KEY_COLUMNS = [integer, text, text, text, text, text, text, text, integer];
const POD_KEY_COLUMNS = [integer, ...Array<Column>(11).fill(text)];
const NODE_COLUMNS = [text, bigint, text, text, text, text, text, text];

/** What an append added to the names and to the requests by name; to be kept when its transaction is committed. */
export interface Added {
  readonly keys: ReadonlyMap<string, AddedKey>;
  readonly podKeys: ReadonlyMap<string, AddedPodKey>;
  readonly identities: readonly NodeIdentity[];
  readonly exemplars: ExemplarChoice;
}

/** What the history holds, mirrored in memory. */
export interface Mirror {
  readonly names: Names;
  readonly pods: PodNames;
  readonly exemplars: ExemplarBudget;
}

/** Writes windows, numbered from `firstId` on, into the tables of the transaction. */
export async function appendWindows(
  tx: Transaction,
  mirror: Mirror,
  { windows, firstId }: { readonly windows: readonly ReportedWindow[]; readonly firstId: number },
): Promise<Added> {
  const { names, pods } = mirror;
  const writer = new Writer(tx);
  try {
    const keys = new Map<string, AddedKey>();
    const podKeys = new Map<string, AddedPodKey>();
    const exemplars = new ExemplarChoice();
    const keyId: NumberOf<Observation> = (observation) => names.keyId(observation, keys);
    const podKeyId: NumberOf<PodTraffic> = (traffic) => pods.keyId(traffic, podKeys);
    for (const [at, window] of windows.entries()) {
      const named = pods.bounded(names.bounded(window, keys), podKeys);
      const bounded = mirror.exemplars.bounded(named, exemplars);
      const missing = writer.missing(bounded);
      if (missing.length > 0) await writer.open(missing);
      writer.window(bounded, firstId + at, keyId);
      writer.pods(bounded, firstId + at, podKeyId);
    }
    await writer.keys(keys.values());
    await writer.podKeys(podKeys.values());
    const identities = newIdentities(windows, names);
    await writer.identities(identities);
    writer.close();
    return { keys, podKeys, identities: identities.map(({ identity }) => identity), exemplars };
  } catch (error) {
    writer.discard();
    throw error;
  }
}

interface NewIdentity {
  readonly identity: NodeIdentity;
  readonly sinceMs: number;
}

/** Identities that differ from what is known, each with the start of the window that said so. */
function newIdentities(windows: readonly ReportedWindow[], names: Names): NewIdentity[] {
  const latest = new Map<string, NewIdentity>();
  for (const { nodes, startMs } of windows) {
    for (const identity of nodes) if (names.isNew(identity)) latest.set(identity.id, { identity, sinceMs: startMs });
  }
  return [...latest.values()];
}

/** A window's start and length as they are stored. */
export function wholeMs(window: ReportedWindow): { readonly startMs: number; readonly durationMs: number } {
  return { startMs: Math.floor(window.startMs), durationMs: Math.max(1, Math.round(window.durationMs)) };
}

/** Gives what a row is about its number. */
type NumberOf<T> = (subject: T) => number;

/** A kind of table, and what its rows are made of. */
interface Kind {
  readonly table: Partitioned;
  readonly columns: readonly Column[];
}

const KINDS = {
  windows: { table: WINDOWS, columns: WINDOW_COLUMNS },
  losses: { table: LOSSES, columns: LOSS_COLUMNS },
  exemplars: { table: EXEMPLARS, columns: EXEMPLAR_COLUMNS },
  rows: { table: FINEST.table, columns: ROW_COLUMNS },
  pods: { table: POD_LEVELS[0]!.table, columns: POD_COLUMNS },
} as const satisfies Record<string, Kind>;

/** A table that windows go to. */
interface NeededTable extends Place {
  readonly kind: Kind;
}

interface OpenTable extends NeededTable {
  readonly name: string;
  readonly batch: TableBatch;
}

function endOf(window: ReportedWindow): number {
  const { startMs, durationMs } = wholeMs(window);
  return startMs + durationMs;
}

/** The tables of one transaction, opened as they are needed. */
class Writer {
  readonly #tx: Transaction;
  /** Few: the windows of an append lie in one hour or two. */
  readonly #tables: OpenTable[] = [];
  readonly #batches = new Map<string, TableBatch>();

  constructor(tx: Transaction) {
    this.#tx = tx;
  }

  /** The tables that are to be opened before a window can be written. */
  missing(window: ReportedWindow): NeededTable[] {
    const endMs = endOf(window);
    const missing: NeededTable[] = [];
    const need = (kind: Kind): void => {
      const { table } = kind;
      if (!this.#find(kind, endMs)) missing.push({ kind, table, partition: partitionOf(table, endMs) });
    };
    need(KINDS.windows);
    if (window.losses.length > 0) need(KINDS.losses);
    if (window.exemplars.length > 0) need(KINDS.exemplars);
    if (window.observations.length > 0) need(KINDS.rows);
    if (window.pods.length > 0) need(KINDS.pods);
    return missing;
  }

  async open(needed: readonly NeededTable[]): Promise<void> {
    await createPartitions(this.#tx, needed);
    for (const { kind, table, partition } of needed) {
      const name = partitionName(table, partition);
      this.#tables.push({ kind, table, partition, name, batch: await this.#table(name, kind.columns) });
    }
  }

  window(window: ReportedWindow, id: number, keyId: NumberOf<Observation>): void {
    const { startMs, durationMs } = wholeMs(window);
    const endMs = startMs + durationMs;
    this.#opened(KINDS.windows, endMs).batch.add(id, window.reporter, window.instance, startMs, durationMs);
    for (const loss of window.losses) this.#opened(KINDS.losses, endMs).batch.add(id, startMs, loss.kind, loss.count);
    for (const exemplar of window.exemplars) this.#exemplar(exemplar, this.#opened(KINDS.exemplars, endMs).batch);
    if (window.observations.length === 0) return;
    const { name, batch } = this.#opened(KINDS.rows, endMs);
    this.#tx.lastNumbers.note(name, id);
    for (const observation of window.observations) {
      const { count, requestBytes, responseBytes, buckets, active } = observation;
      const key = keyId(observation);
      batch.add(id, startMs, durationMs, key, count, requestBytes, responseBytes, buckets, buckets, active);
    }
  }

  pods(window: ReportedWindow, id: number, keyId: NumberOf<PodTraffic>): void {
    if (window.pods.length === 0) return;
    const { startMs, durationMs } = wholeMs(window);
    const { name, batch } = this.#opened(KINDS.pods, startMs + durationMs);
    this.#tx.lastNumbers.note(name, id);
    for (const traffic of window.pods) {
      const { count, requestBytes, responseBytes, buckets } = traffic;
      batch.add(id, startMs, durationMs, keyId(traffic), count, requestBytes, responseBytes, buckets, buckets);
    }
  }

  #exemplar(exemplar: Exemplar, batch: TableBatch): void {
    const { reason, side, client, server, protocol, method, route, outcome, status } = exemplar;
    const { path, durationMs, flags, requestId, traceId } = exemplar;
    const endpoint = [side, client, server, protocol, method, route];
    const request = [path, durationMs, flags, requestId, traceId];
    batch.add(Math.floor(exemplar.atMs), reason, ...endpoint, outcome, status, ...request);
  }

  async keys(added: Iterable<AddedKey>): Promise<void> {
    for (const { id, key } of added) {
      const { side, client, server, protocol, method, route, outcome, status } = key;
      const keys = await this.#table("keys", KEY_COLUMNS);
      keys.add(id, side, client, server, protocol, method, route, outcome, status);
    }
  }

  async podKeys(added: Iterable<AddedPodKey>): Promise<void> {
    const end = ({ workload, pod, node, version }: PodEnd): string[] => [workload, pod, node, version];
    for (const { id, key } of added) {
      const { side, client, server, protocol, outcome } = key;
      const keys = await this.#table("pod_keys", POD_KEY_COLUMNS);
      keys.add(id, side, ...end(client), ...end(server), protocol, outcome);
    }
  }

  async identities(added: Iterable<NewIdentity>): Promise<void> {
    for (const { identity, sinceMs } of added) {
      const { id, kind, namespace, name, workloadKind, service, reason } = identity;
      const nodes = await this.#table("nodes", NODE_COLUMNS);
      nodes.add(id, Math.floor(sinceMs), kind, namespace, name, workloadKind, service, reason);
    }
  }

  /** Hands everything to the transaction. */
  close(): void {
    for (const batch of this.#batches.values()) batch.close();
  }

  /** Gives up what was not handed over, so that no appender is left that still holds rows. */
  discard(): void {
    for (const batch of this.#batches.values()) batch.discard();
  }

  #find(kind: Kind, endMs: number): OpenTable | undefined {
    for (const table of this.#tables) {
      if (table.kind === kind && table.partition === partitionOf(kind.table, endMs)) return table;
    }
    return undefined;
  }

  #opened(kind: Kind, endMs: number): OpenTable {
    const table = this.#find(kind, endMs);
    if (!table) throw new Error(`Writing to a table ${kind.table.prefix} of the history that was not opened`);
    return table;
  }

  async #table(name: string, columns: readonly Column[]): Promise<TableBatch> {
    const open = this.#batches.get(name);
    if (open) return open;
    const batch = new TableBatch(await this.#tx.connection.createAppender(name), columns);
    this.#batches.set(name, batch);
    return batch;
  }
}
