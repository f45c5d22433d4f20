import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** A data folder that this process holds alone. */
export interface DataFolder {
  readonly inbox: string;
  readonly store: string;
  readonly influxJournal: string;
  readonly routes: string;
  readonly sink: string;
  /** States of alerts and what is to be said of them; objects that were made in the UI. */
  readonly alerts: string;
  readonly objects: string;
  release(): void;
}

/** Who holds a folder: a process, told apart from a later one of the same number by when it started. */
interface Holder {
  readonly pid: number;
  /** Clock ticks since boot (proc(5), field 22 of stat); empty where the system does not say. */
  readonly startedAt: string;
}

/**
 * Makes the data folder where it is missing and takes its lock, so that two controls never write to one folder.
 *
 * The lock is a file with the holder's process id. One whose process is gone, as after a SIGKILL, is taken over. It
 * cannot see a process in another container; there the store's own lock on its file (fcntl) still refuses the second.
 *
 * Throws when the folder cannot be made or written, or another control holds it.
 */
export function openDataFolder(path: string): DataFolder {
  const lock = join(path, "control.lock");
  try {
    mkdirSync(path, { recursive: true });
    takeLock(path, lock);
  } catch (cause) {
    if (cause instanceof FolderHeldError) throw cause;
    const mend = "Make it writable for this user, or set SIDELIGHT_DATA_DIR to another folder";
    throw new Error(`Opening the data folder ${path}: ${(cause as Error).message}. ${mend}`, { cause });
  }
  return {
    inbox: join(path, "inbox"),
    store: join(path, "history.duckdb"),
    influxJournal: join(path, "influxdb-journal.json"),
    routes: join(path, "routes.json"),
    sink: join(path, "sink.json"),
    alerts: join(path, "alerts"),
    objects: join(path, "objects"),
    release: () => rmSync(lock, { force: true }),
  };
}

/** Another control works in the folder. */
export class FolderHeldError extends Error {
  override readonly name = "FolderHeldError";

  constructor(path: string, holder: Holder) {
    super(
      `The data folder ${path} is held by another control (process ${holder.pid}). Stop that one, or set ` +
        "SIDELIGHT_DATA_DIR to another folder",
    );
  }
}

function takeLock(path: string, lock: string): void {
  const own: Holder = { pid: process.pid, startedAt: startOf(process.pid) ?? "" };
  try {
    writeFileSync(lock, JSON.stringify(own), { flag: "wx" });
    return;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
  const holder = readHolder(lock);
  if (holder && isAlive(holder)) throw new FolderHeldError(path, holder);
  rmSync(lock, { force: true });
  writeFileSync(lock, JSON.stringify(own), { flag: "wx" });
}

/** Undefined when the file holds no holder, as when the process died while it wrote it. */
function readHolder(lock: string): Holder | undefined {
  try {
    const { pid, startedAt } = JSON.parse(readFileSync(lock, "utf8")) as Partial<Holder>;
    return typeof pid === "number" && typeof startedAt === "string" ? { pid, startedAt } : undefined;
  } catch {
    return undefined;
  }
}

function isAlive({ pid, startedAt }: Holder): boolean {
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
  return startOf(pid) === undefined || startOf(pid) === startedAt;
}

/** When a process started, as Linux says it; undefined elsewhere. */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The second field is the program's name in parentheses and may hold anything, spaces and parentheses too.
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
  } catch {
    return undefined;
  }
}
