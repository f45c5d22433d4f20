/**
 * Loaded before control (`--import`): kills it with SIGKILL where the environment says, by wrapping what it is made of.
 * `KILL_AT` is the step, `KILL_AFTER` which passing of it, `KILL_DELAY_MS` how long after that where a step takes time.
 */
import { DuckDBConnection } from "@duckdb/node-api";
import { Inbox } from "../../control/ingest/inbox.ts";
import { InboxTables } from "../../control/ingest/inbox-tables.ts";
import type { Change } from "../../control/ingest/inbox-tables.ts";
import { DuckDbStore } from "../../control/store/duckdb/duckdb-store.ts";
import { Transaction } from "../../control/store/duckdb/session.ts";
import { InfluxClient } from "../../control/store/influxdb/client.ts";
import { InfluxStore } from "../../control/store/influxdb/influx-store.ts";
import { Journal } from "../../control/store/influxdb/journal.ts";

type Method = (this: unknown, ...args: unknown[]) => unknown;
type When = (...args: never[]) => boolean;

const always: When = () => true;
const bringsEntries = (change: Change): boolean => change.entries.length > 0;
const letsGo = (change: Change): boolean => change.remove.length > 0;
const hasWindows = (windows: readonly unknown[]): boolean => windows.length > 0;
const says =
  (pattern: RegExp): ((sql: unknown) => boolean) =>
  (sql) =>
    typeof sql === "string" && pattern.test(sql);
const holdsPoints = ({ unsent }: { unsent?: readonly unknown[] }): boolean => (unsent?.length ?? 0) > 0;
const isSent = ({ unsent }: { unsent?: readonly unknown[] }): boolean => unsent?.length === 0;

/** The store's cursor was written in the transaction that commits next. */
let holdsCursor = false;

/** What every step wraps. */
const STEPS: Readonly<Record<string, () => void>> = {
  received: () => before(Inbox.prototype, "append", always),
  "before the commit": () => before(InboxTables.prototype, "write", bringsEntries),
  "within the commit": () => within(InboxTables.prototype, "write", bringsEntries),
  "committed, not acknowledged": () => after(InboxTables.prototype, "write", bringsEntries),
  "acknowledged, not stored": () => before(DuckDbStore.prototype, "append", hasWindows),
  "within the store's transaction": () => before(Transaction.prototype, "run", says(/^UPDATE state SET cursor/)),
  "within the store's commit": () => {
    before(Transaction.prototype, "run", (sql: unknown) => {
      holdsCursor ||= says(/^UPDATE state SET cursor/)(sql);
      return false;
    });
    within(DuckDBConnection.prototype, "run", (sql: unknown) => {
      const isMeant = holdsCursor && sql === "COMMIT";
      if (isMeant) holdsCursor = false;
      return isMeant;
    });
  },
  "stored, still in the inbox": () => after(DuckDbStore.prototype, "append", hasWindows),
  "within letting go": () => within(InboxTables.prototype, "write", letsGo),
  "within a roll-up": () => after(Transaction.prototype, "run", says(/^INSERT INTO rows_(10s|1m|1h)_/)),
  "within expiry": () => {
    expireAfterEachAppend(DuckDbStore.prototype);
    after(Transaction.prototype, "run", says(/^DROP TABLE (rows|windows)_/));
  },
  "before the journal": () => before(Journal.prototype, "write", holdsPoints),
  "journal written, not sent": () => after(Journal.prototype, "write", holdsPoints),
  "within sending": () => within(InfluxClient.prototype, "write", always),
  "sent, not noted": () => before(Journal.prototype, "write", isSent),
  "noted, still in the inbox": () => after(InfluxStore.prototype, "append", hasWindows),
  "within merging": () => {
    expireAfterEachAppend(InfluxStore.prototype);
    after(InfluxClient.prototype, "write", always);
  },
};

let left = Number(process.env["KILL_AFTER"] ?? 1);

function kill(): void {
  process.kill(process.pid, "SIGKILL");
}

function pass(): void {
  left -= 1;
  if (left === 0) kill();
}

function wrap(owner: object, method: string, make: (original: Method) => Method): void {
  const methods = owner as Record<string, Method>;
  methods[method] = make(methods[method]!);
}

function before(owner: object, method: string, isMeant: When): void {
  wrap(owner, method, (original) => {
    return function (...args) {
      if (isMeant(...(args as never[]))) pass();
      return original.apply(this, args);
    };
  });
}

function after(owner: object, method: string, isMeant: When): void {
  wrap(owner, method, (original) => {
    return function (...args) {
      const result = original.apply(this, args);
      if (!isMeant(...(args as never[]))) return result;
      if (result instanceof Promise) return result.finally(pass);
      pass();
      return result;
    };
  });
}

/** Kills while what was begun goes on in another thread. */
function within(owner: object, method: string, isMeant: When): void {
  wrap(owner, method, (original) => {
    return function (...args) {
      const result = original.apply(this, args);
      if (isMeant(...(args as never[])) && --left === 0) setTimeout(kill, Number(process.env["KILL_DELAY_MS"] ?? 0));
      return result;
    };
  });
}

/** It would come once a minute. */
function expireAfterEachAppend(owner: object): void {
  wrap(owner, "append", (original) => {
    return async function (...args) {
      await original.apply(this, args);
      await (this as { expire(nowMs: number): Promise<void> }).expire(Date.now());
    };
  });
}

const step = process.env["KILL_AT"] ?? "";
if (!STEPS[step]) throw new Error(`There is no step "${step}"; there are: ${Object.keys(STEPS).join("; ")}`);
STEPS[step]();
