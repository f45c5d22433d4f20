/**
 * Fills Sidelight's embedded history. What its own roll-ups would have left of the time before the last hour is put into
 * its tables as they put it; the rest is appended, and rolled up by it. The benchmark ends where this does not answer as
 * InfluxDB does.
 */
import { open, rm } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { DuckDBInstance } from "@duckdb/node-api";
import { DuckDbStore } from "../../control/store/duckdb/duckdb-store.ts";
import { updateLevel } from "../../control/store/duckdb/levels.ts";
import { createPartition } from "../../control/store/duckdb/partitions.ts";
import { LEVELS, partitionOf } from "../../control/store/duckdb/schema.ts";
import { Session } from "../../control/store/duckdb/session.ts";
import type { Transaction } from "../../control/store/duckdb/session.ts";
import { WINDOWS_FROM_MS, keptFromMs } from "./history.ts";
import type { Slot } from "./history.ts";
import type { Counter } from "./mesh.ts";
import { identityOf, windowsOf } from "./windows.ts";
import { generator } from "../statistics.ts";

/** Slots that one roll-up merges (duckdb-store.ts). */
const SLOTS_A_ROLL_UP = 6;
/** Seconds that one append has, as when control reads its inbox. */
const SECONDS_AN_APPEND = 10;

const COLUMNS = `{batch: 'BIGINT', start_ms: 'BIGINT', key_id: 'INTEGER', count: 'BIGINT',
  bucket_indexes: 'USMALLINT[]', bucket_counts: 'BIGINT[]'}`;

/** Rows of one level on their way into one of its tables. */
interface Pending {
  readonly partition: number;
  readonly path: string;
  readonly file: FileHandle;
  text: string;
}

export class IntoDuckDb {
  readonly #path: string;
  readonly #mesh: readonly Counter[];
  /** The number of a key, by its counter: in no order, as they come to be known. */
  readonly #keyIds: readonly number[];
  readonly #instance: DuckDBInstance;
  readonly #session: Session;
  readonly #pending: (Pending | undefined)[] = LEVELS.map(() => undefined);
  readonly #batches = LEVELS.map(() => 0);
  readonly #slots = LEVELS.map(() => 0);
  #store: DuckDbStore | undefined;
  #seconds: Slot[] = [];
  #cursor = 0;

  private constructor(path: string, mesh: readonly Counter[], instance: DuckDBInstance, session: Session) {
    this.#path = path;
    this.#mesh = mesh;
    this.#instance = instance;
    this.#session = session;
    const random = generator(mesh.length);
    const order = mesh.map((_, at) => ({ at, place: random() })).sort((a, b) => a.place - b.place);
    const keyIds = new Array<number>(mesh.length);
    order.forEach(({ at }, place) => (keyIds[at] = place + 1));
    this.#keyIds = keyIds;
  }

  static async begin(path: string, mesh: readonly Counter[]): Promise<IntoDuckDb> {
    await (await DuckDbStore.open({ path })).close();
    const instance = await DuckDBInstance.create(path, { preserve_insertion_order: "false" });
    const into = new IntoDuckDb(path, mesh, instance, new Session(await instance.connect()));
    await into.#transact(async (tx) => {
      await into.#keys(tx);
      await into.#identities(tx);
    });
    return into;
  }

  async add(slot: Slot): Promise<void> {
    if (slot.level === 0) return this.#append(slot);
    // What is made of windows the store makes.
    if (slot.startMs >= WINDOWS_FROM_MS) return;
    const { level, startMs, counted } = slot;
    const { slotMs, table } = LEVELS[level]!;
    if (this.#slots[level]!++ % SLOTS_A_ROLL_UP === 0) this.#batches[level]! += 1;
    const pending = await this.#pendingFor(level, partitionOf(table, startMs + slotMs));
    for (const { counter, count, buckets } of counted) {
      let [indexes, counts] = ["", ""];
      for (let at = 0; at < buckets.length; at += 2) {
        indexes += `${buckets[at]},`;
        counts += `${buckets[at + 1]},`;
      }
      const numbers = `${this.#batches[level]},${startMs},${this.#keyIds[counter]},${count}`;
      pending.text += `${numbers},"[${indexes.slice(0, -1)}]","[${counts.slice(0, -1)}]"\n`;
    }
    if (pending.text.length > 1 << 20) await this.#write(pending);
  }

  async end(): Promise<void> {
    await this.#appendSeconds();
    await this.#store?.close();
    const store = await DuckDbStore.open({ path: this.#path });
    await store.close();
  }

  async #append(slot: Slot): Promise<void> {
    this.#store ??= await this.#beginAppending();
    this.#seconds.push(slot);
    if (this.#seconds.length === SECONDS_AN_APPEND) await this.#appendSeconds();
  }

  async #appendSeconds(): Promise<void> {
    const windows = this.#seconds.flatMap((slot) => windowsOf(slot, this.#mesh));
    this.#seconds = [];
    await this.#store?.append(windows, ++this.#cursor);
  }

  /** Puts what is pending where it belongs, says how far each level has come, and hands over to the store. */
  async #beginAppending(): Promise<DuckDbStore> {
    for (const level of LEVELS.keys()) await this.#close(level);
    await this.#transact(async (tx) => {
      for (const [at, level] of LEVELS.entries()) {
        await updateLevel(tx, level, {
          last_number: this.#batches[at]!,
          taken: this.#batches[at - 1] ?? 0,
          reached_ms: WINDOWS_FROM_MS,
          expired_before_ms: keptFromMs(at),
        });
      }
    });
    await this.#session.close();
    this.#instance.closeSync();
    return DuckDbStore.open({ path: this.#path });
  }

  async #keys(tx: Transaction): Promise<void> {
    for (const [at, { key }] of this.#mesh.entries()) {
      const texts = [key.side, key.client, key.server, key.protocol, key.method, key.route, key.outcome];
      const values = [this.#keyIds[at], ...texts.map((text) => `'${text}'`), key.status];
      await tx.run(`INSERT INTO keys VALUES (${values.join()})`);
    }
  }

  /** Control writes an identity once, until it changes. */
  async #identities(tx: Transaction): Promise<void> {
    const ids = new Set(this.#mesh.flatMap(({ key }) => [key.client, key.server]));
    for (const { id, kind, namespace, name, workloadKind, service, reason } of [...ids].map(identityOf)) {
      const texts = [kind, namespace, name, workloadKind, service, reason].map((text) => `'${text}'`);
      await tx.run(`INSERT INTO nodes VALUES ('${id}', ${keptFromMs(LEVELS.length - 1)}, ${texts.join()})`);
    }
  }

  async #pendingFor(level: number, partition: number): Promise<Pending> {
    const pending = this.#pending[level];
    if (pending?.partition === partition) return pending;
    await this.#close(level);
    const path = `${this.#path}.${level}.csv`;
    return (this.#pending[level] = { partition, path, file: await open(path, "w"), text: "" });
  }

  async #close(level: number): Promise<void> {
    const pending = this.#pending[level];
    if (!pending) return;
    this.#pending[level] = undefined;
    await this.#write(pending);
    await pending.file.close();
    const { table, slotMs } = LEVELS[level]!;
    await this.#transact(async (tx) => {
      const name = await createPartition(tx, table, pending.partition);
      await tx.run(`INSERT INTO ${name} BY NAME
        SELECT *, ${slotMs} AS duration_ms, 0 AS request_bytes, 0 AS response_bytes
        FROM read_csv('${pending.path}', header = false, columns = ${COLUMNS}) ORDER BY batch, key_id, start_ms`);
    });
    await rm(pending.path);
  }

  async #write(pending: Pending): Promise<void> {
    await pending.file.write(pending.text);
    pending.text = "";
  }

  #transact(work: (tx: Transaction) => Promise<void>): Promise<void> {
    return this.#session.transaction(work);
  }
}
