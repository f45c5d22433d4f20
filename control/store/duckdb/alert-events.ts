import { listValue } from "@duckdb/node-api";
import type { AlertEvent, AlertSelection } from "../alert-event.ts";
import { causeIn, causeText, eventKey } from "../alert-event.ts";
import type { TimeRange } from "../store.ts";
import { createPartition, selectFrom } from "./partitions.ts";
import { ALERT_EVENTS, partitionOf } from "./schema.ts";
import type { Row, Transaction } from "./session.ts";
import { COLUMN, TableBatch } from "./table-batch.ts";
import type { Cell, Column } from "./table-batch.ts";

const { text, bigint, double } = COLUMN;

/** The columns of `ALERT_EVENTS`, in their order. */
const COLUMNS = [bigint, ...Array<Column>(8).fill(text), ...Array<Column>(5).fill(double), text];

/** Writes the events that are not there yet. */
export async function recordAlerts(tx: Transaction, events: readonly AlertEvent[]): Promise<void> {
  const known = await keysOf(tx, events);
  const fresh = events.filter((event) => !known.has(eventKey(event)) && known.add(eventKey(event)));
  const byPartition = new Map<number, AlertEvent[]>();
  for (const event of fresh) {
    const partition = partitionOf(ALERT_EVENTS, event.atMs + 1);
    const some = byPartition.get(partition) ?? [];
    byPartition.set(partition, some);
    some.push(event);
  }
  for (const [partition, some] of byPartition) {
    const table = await createPartition(tx, ALERT_EVENTS, partition);
    const batch = new TableBatch(await tx.connection.createAppender(table), COLUMNS);
    for (const event of some) batch.add(...cellsOf(event));
    batch.close();
  }
}

/** Events of a range, the newest first; of one instant, what was recorded last. */
export async function readAlertEvents(
  tx: Transaction,
  { fromMs, toMs }: TimeRange,
  { limit, rule, incident }: AlertSelection & { readonly limit: number },
): Promise<AlertEvent[]> {
  const given = Object.entries({ rule, incident }).flatMap(([field, value]) => (value ? [{ field, value }] : []));
  const conditions = given.map(({ field }) => ` AND ${field} = $${field}`).join("");
  const events = await selectFrom(tx, ALERT_EVENTS, {
    columns: "*, rowid AS position",
    where: `at_ms >= ${fromMs} AND at_ms < ${toMs}${conditions}`,
    afterMs: fromMs,
    untilMs: toMs,
  });
  const rows = await tx.rows(
    `SELECT * REPLACE (at_ms::DOUBLE AS at_ms) FROM (${events}) ORDER BY at_ms DESC, position DESC LIMIT ${limit}`,
    Object.fromEntries(given.map(({ field, value }) => [field, value])),
  );
  return rows.map(eventOf);
}

/** The keys of those events that are there of these alerts. */
async function keysOf(tx: Transaction, events: readonly AlertEvent[]): Promise<Set<string>> {
  const ids = listValue([...new Set(events.map(({ alertId }) => alertId))]);
  const all = await selectFrom(tx, ALERT_EVENTS, { columns: "alert_id, state", afterMs: 0 });
  const rows = await tx.rows(`SELECT * FROM (${all}) WHERE list_contains($ids, alert_id)`, { ids });
  return new Set(
    rows.map((row) => eventKey({ alertId: row["alert_id"] as string, state: row["state"] as AlertEvent["state"] })),
  );
}

function cellsOf(event: AlertEvent): Cell[] {
  const { atMs, alertId, fingerprint, incident, rule, severity, state, labels, summary } = event;
  const { value, limit, usual, requests, bad } = event.measured;
  const words = [alertId, fingerprint, incident, rule, severity, state, JSON.stringify(labels), summary];
  return [atMs, ...words, value, limit, usual ?? NaN, requests, bad, causeText(event.cause)];
}

function eventOf(row: Row): AlertEvent {
  return {
    atMs: row["at_ms"] as number,
    alertId: row["alert_id"] as string,
    fingerprint: row["fingerprint"] as string,
    incident: row["incident"] as string,
    rule: row["rule"] as string,
    severity: row["severity"] as AlertEvent["severity"],
    state: row["state"] as AlertEvent["state"],
    labels: JSON.parse(row["labels"] as string) as AlertEvent["labels"],
    summary: row["summary"] as string,
    measured: {
      value: row["value"] as number,
      limit: row["threshold"] as number,
      usual: Number.isNaN(row["usual"]) ? null : (row["usual"] as number),
      requests: row["requests"] as number,
      bad: row["bad"] as number,
    },
    cause: causeIn(row["cause"] as string),
  };
}
