import type { TimeRange } from "../store.ts";
import { selectFrom } from "./partitions.ts";
import { ROWS_10S, ROWS_1S, SLOT_MS } from "./schema.ts";
import type { Transaction } from "./session.ts";

const COLUMNS = "key_id, start_ms, duration_ms, count, request_bytes, response_bytes, bucket_indexes, bucket_counts";

/**
 * SQL for the counters that overlap a range, each once, at the resolution that fits.
 *
 * Slots of 10 s are read where they give the same answer (every boundary that is asked for lies on a whole 10 s), or
 * where the seconds have expired; together with the seconds that are not rolled up yet.
 *
 * @param boundaryMs every boundary that is asked for is a multiple of this, counted from the range's start
 */
export async function countersSql(tx: Transaction, range: TimeRange, boundaryMs: number): Promise<string> {
  const [state] = await tx.rows(
    "SELECT rolled_window::DOUBLE AS rolled, expired_before_ms::DOUBLE AS expired_before_ms FROM state",
  );
  const { rolled, expired_before_ms: expiredBeforeMs } = state as { rolled: number; expired_before_ms: number };
  const isAligned = range.fromMs % SLOT_MS === 0 && boundaryMs % SLOT_MS === 0;
  const overlaps = `start_ms < ${range.toMs} AND start_ms + duration_ms > ${range.fromMs}`;
  const seconds = await selectFrom(tx, ROWS_1S, { columns: `${COLUMNS}, window_id`, afterMs: range.fromMs });
  if (!isAligned && range.fromMs >= expiredBeforeMs) return `SELECT ${COLUMNS} FROM (${seconds}) WHERE ${overlaps}`;
  const slots = await selectFrom(tx, ROWS_10S, { columns: COLUMNS, afterMs: range.fromMs });
  return `SELECT * FROM (
      ${slots}
      UNION ALL SELECT ${COLUMNS} FROM (${seconds}) WHERE window_id > ${rolled}
    ) WHERE ${overlaps}`;
}
