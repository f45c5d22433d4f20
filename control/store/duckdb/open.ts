import { open as openFile, rename, rm } from "node:fs/promises";
import { DuckDBInstance } from "@duckdb/node-api";
import type { DuckDBConnection } from "@duckdb/node-api";
import { StoreOpenError } from "../errors.ts";
import type { ExemplarLimits } from "../exemplar-budget.ts";
import type { Kept } from "../resolutions.ts";
import type { DiskUse } from "./disk.ts";
import type { Dropped } from "./expire.ts";
import { migrate } from "./migrate.ts";
import { CREATE_SQL, FORMAT_OWNER, FORMAT_VERSION } from "./schema.ts";

/** Where a DuckDB file says that it is one. https://duckdb.org/docs/stable/internals/storage */
const MAGIC = { at: 8, bytes: "DUCK" };

/** What the history takes on disk, and what had to go for that. */
export interface DiskReport extends DiskUse {
  /** Tables that went before their time. */
  readonly capped: readonly Dropped[];
}

export interface DuckDbOptions {
  /** The database file. Its folder must exist; beside it DuckDB keeps a write-ahead log and, rarely, a spill folder. */
  readonly path: string;
  /** Memory that the engine may take, in MiB. */
  readonly memoryLimitMb?: number;
  /** Threads that a query may use. */
  readonly threads?: number;
  /** Distinct things that counters may count; past it new endpoints are `~other`. */
  readonly maxKeys?: number;
  /** Distinct things that are counted of pairs of pods; past it pods are `~other`. */
  readonly maxPodKeys?: number;
  /** Requests by name that are written; past them a loss says how many were not. */
  readonly exemplarLimits?: ExemplarLimits;
  /** How long each resolution is kept. */
  readonly kept?: Kept;
  /** What the history may take on disk, in bytes; past it the finest and oldest goes before its time. */
  readonly maxBytes?: number;
  /** Told of the disk, each time that the history expires. */
  readonly onDisk?: (disk: DiskReport) => void;
  /** The write-ahead log is folded into the file when it is this large, in MiB. */
  readonly walLimitMb?: number;
}

/** Opens the database, or makes it where there is none. Throws a StoreOpenError. */
export async function openDatabase(options: DuckDbOptions): Promise<DuckDBInstance> {
  const { path } = options;
  if (!(await hasDatabase(path))) await createDatabase(options);
  const instance = await refuseOnError(path, () => DuckDBInstance.create(path, settingsOf(options)));
  try {
    await checkFormat(path, instance);
    return instance;
  } catch (error) {
    instance.closeSync();
    throw error;
  }
}

function settingsOf({ memoryLimitMb = 192, threads = 2, walLimitMb = 16 }: DuckDbOptions): Record<string, string> {
  return {
    memory_limit: `${memoryLimitMb}MiB`,
    threads: String(threads),
    checkpoint_threshold: `${walLimitMb}MiB`,
    preserve_insertion_order: "false",
    autoinstall_known_extensions: "false",
    autoload_known_extensions: "false",
  };
}

/** Makes an empty history beside its place and then moves it there, so that no half-made one is ever found. */
async function createDatabase(options: DuckDbOptions): Promise<void> {
  const unfinished = `${options.path}.new`;
  await refuseOnError(options.path, async () => {
    await rm(unfinished, { force: true });
    await rm(`${unfinished}.wal`, { force: true });
    const instance = await DuckDBInstance.create(unfinished, settingsOf(options));
    try {
      const connection = await instance.connect();
      await connection.run(`${CREATE_SQL} CHECKPOINT;`);
      connection.closeSync();
    } finally {
      instance.closeSync();
    }
    await rename(unfinished, options.path);
  });
}

/** Whether there is a database. Refuses a file that is none, before the engine touches it. */
async function hasDatabase(path: string): Promise<boolean> {
  const file = await openFile(path, "r").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw new StoreOpenError("unusable", `Opening the store at ${path}: ${error.message}`, { cause: error });
  });
  if (!file) return false;
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(MAGIC.bytes.length), 0, MAGIC.bytes.length, MAGIC.at);
    if (buffer.subarray(0, bytesRead).toString("latin1") === MAGIC.bytes) return true;
  } catch (error) {
    throw new StoreOpenError("unusable", `Reading the store at ${path}: ${messageOf(error)}`, { cause: error });
  } finally {
    await file.close();
  }
  throw new StoreOpenError(
    "foreign",
    `The store at ${path} is no DuckDB database, or is damaged. Move it away to start with an empty history.`,
  );
}

/** Refuses a database that is not ours or from a later version; brings an older one to this version. */
async function checkFormat(path: string, instance: DuckDBInstance): Promise<void> {
  const connection = await refuseOnError(path, () => instance.connect());
  try {
    if ((await ownerOf(connection)) !== FORMAT_OWNER) {
      const mend = "Move it away, or name another path.";
      throw new StoreOpenError("foreign", `The database at ${path} belongs to something else. ${mend}`);
    }
    const version = await refuseOnError(path, () => connection.runAndReadAll("SELECT version FROM format"));
    const found = Number(version.getRows()[0]?.[0]);
    if (found > FORMAT_VERSION) {
      const text = `has format ${found}, and this version reads up to ${FORMAT_VERSION}. Start the newer version again.`;
      throw new StoreOpenError("newer", `The store at ${path} ${text}`);
    }
    await refuseOnError(path, () => migrate(connection, found));
  } finally {
    connection.closeSync();
  }
}

/** Who the database says it belongs to; undefined where it has no such table or column. */
async function ownerOf(connection: DuckDBConnection): Promise<unknown> {
  const answer = await connection.runAndReadAll("SELECT owner FROM format").catch(() => undefined);
  return answer?.getRows()[0]?.[0];
}

async function refuseOnError<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new StoreOpenError("unusable", `Opening the store at ${path}: ${messageOf(error)}`, { cause: error });
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
