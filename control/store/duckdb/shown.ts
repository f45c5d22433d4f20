import { PROTOCOLS } from "../../identity/observation.ts";
import { isOnlyOnTheWire } from "../../world/reporter-rule.ts";

const ONLY_ON_THE_WIRE = PROTOCOLS.filter(isOnlyOnTheWire);

/**
 * The reporter rule of world/reporter-rule.ts in SQL. Needs `present` (whatever was reported in the range, all of it, with
 * side, client, server, protocol and outcome) as a table expression before it; makes
 *
 *     shown   the rows of `present` that are shown
 */
export const SHOWN_OF_PRESENT_SQL = `
  heard_as_destination AS (SELECT DISTINCT server AS node_id FROM present WHERE side = 'destination'),
  heard AS (
    SELECT node_id FROM heard_as_destination
    UNION SELECT client FROM present WHERE side = 'source'
  ),
  shown AS (
    SELECT * FROM present WHERE CASE
      WHEN protocol IN (${ONLY_ON_THE_WIRE.map((protocol) => `'${protocol}'`).join()}) THEN side = 'wire'
      WHEN server IN (FROM heard_as_destination)
        THEN side = 'destination' OR (side = 'source' AND outcome = 'notReached')
      WHEN server IN (FROM heard) OR client IN (FROM heard) THEN side = 'source'
      ELSE side = 'wire'
    END
  )`;

/**
 * The same for counters: `shown` has the columns of `keys`.
 *
 * @param present SQL for the `key_id` of everything that was reported in the range
 */
export function shownSql(present: string): string {
  return `
  present AS (SELECT * FROM keys WHERE key_id IN (${present})),
  ${SHOWN_OF_PRESENT_SQL}`;
}
