/**
 * What alerting keeps on disk: one LMDB environment that the alerts' journal and the outbox of notifications share, so that an
 * alert's new state and what is to be said of it are durable together or not at all. It is synced as the inbox is (inbox-tables.ts).
 */
import { join } from "node:path";
import { open } from "lmdb";
import type { Database, RootDatabase } from "lmdb";
import { commitError } from "../ingest/commit-error.ts";
import { checkInboxFile } from "../ingest/inbox-file.ts";

const MAX_TABLES = 16;

export type AlertTable<Value> = Pick<Database<Value, string>, "put" | "remove" | "get" | "getRange">;

export class AlertDb {
  readonly #root: RootDatabase;

  /** @param path a folder; made when missing. Throws when it cannot be written or its content is damaged */
  constructor(path: string) {
    try {
      checkInboxFile(join(path, "data.mdb"));
      this.#root = open({ path, overlappingSync: false, eventTurnBatching: false, maxDbs: MAX_TABLES });
    } catch (cause) {
      throw new Error(
        `Opening the journal of alerts at ${path}: ${(cause as Error).message}. Check that the folder can be written and ` +
          "has room; if its files are damaged, move the folder away (what fires is then told again)",
        { cause },
      );
    }
  }

  /** Values are JSON. */
  table<Value>(name: string): AlertTable<Value> {
    return this.#root.openDB<Value, string>(name, { encoding: "json" });
  }

  /**
   * Writes what is put and removed in `change` whole or not at all. Resolves when it is durable. It is written at once and not by
   * lmdb's own thread: that one damages the process's memory now and then where the disk refuses, and little is written here.
   */
  async write(change: () => void): Promise<void> {
    try {
      this.#root.transactionSync(change);
    } catch (error) {
      throw await commitError(error, "Writing to the journal of alerts");
    }
  }

  close(): Promise<void> {
    return this.#root.close();
  }
}
