import { KeyTable } from "../../core/key-table";
import { hash } from "../../core/text";

/**
 * Words that shapes have in capitals, so that "select" and "SELECT" are one shape: what structures statements in PostgreSQL and
 * MySQL. Words that are names as often (name, value, key, date) are not among them.
 */
const WORDS: string =
  "SELECT FROM WHERE AND OR NOT IN IS NULL LIKE ILIKE BETWEEN EXISTS CASE WHEN THEN ELSE END AS ON USING JOIN INNER LEFT " +
  "RIGHT FULL OUTER CROSS NATURAL UNION ALL EXCEPT INTERSECT DISTINCT GROUP BY HAVING ORDER ASC DESC LIMIT OFFSET FETCH FOR " +
  "UPDATE INSERT INTO VALUES DELETE SET RETURNING CONFLICT DO NOTHING DUPLICATE REPLACE IGNORE WITH RECURSIVE TABLE CREATE " +
  "ALTER DROP INDEX VIEW DATABASE SCHEMA IF PRIMARY FOREIGN REFERENCES UNIQUE CONSTRAINT DEFAULT TRUNCATE BEGIN COMMIT " +
  "ROLLBACK SAVEPOINT RELEASE START TRANSACTION ISOLATION SHOW USE EXPLAIN ANALYZE DESCRIBE PREPARE EXECUTE DEALLOCATE " +
  "DECLARE CURSOR CLOSE COPY CALL LOCK UNLOCK GRANT REVOKE LISTEN UNLISTEN NOTIFY VACUUM DISCARD RESET TRUE FALSE ANY SOME CAST " +
  "INTERVAL TO OVER PARTITION LATERAL NAMES STRAIGHT_JOIN SQL_CALC_FOUND_ROWS KILL LOAD HANDLER TABLES";
/** What a statement may begin with. */
const VERBS: string =
  "SELECT WITH INSERT UPDATE DELETE REPLACE MERGE VALUES TABLE SET SHOW USE CREATE ALTER DROP TRUNCATE RENAME BEGIN START COMMIT " +
  "ROLLBACK END ABORT SAVEPOINT RELEASE EXPLAIN ANALYZE ANALYSE DESCRIBE DESC PREPARE EXECUTE DEALLOCATE DECLARE FETCH MOVE CLOSE " +
  "COPY CALL DO LOCK UNLOCK GRANT REVOKE LISTEN UNLISTEN NOTIFY VACUUM DISCARD RESET CHECKPOINT CLUSTER REINDEX REFRESH COMMENT " +
  "IMPORT REASSIGN SECURITY LOAD HANDLER KILL FLUSH PURGE OPTIMIZE REPAIR CHECK CHECKSUM CHANGE STOP XA HELP SIGNAL RESIGNAL GET " +
  "BINLOG CACHE INSTALL UNINSTALL BACKUP RESTART SHUTDOWN CLONE IDENTIFY_SYSTEM START_REPLICATION BASE_BACKUP " +
  "CREATE_REPLICATION_SLOT DROP_REPLICATION_SLOT READ_REPLICATION_SLOT TIMELINE_HISTORY";
const LONGEST: u32 = 24;
const CAPACITY: u32 = 256;

/** Hashes of the words in capitals. */
const words = new KeyTable<u64>(memory.data(CAPACITY * 12, 8), CAPACITY);
const verbs = new KeyTable<u64>(memory.data(CAPACITY * 12, 8), CAPACITY);
/** The word that was looked up last, in capitals. */
export const capitals = memory.data(32, 8);

addAll(words, WORDS);
addAll(verbs, VERBS);

function addAll(table: KeyTable<u64>, list: string): void {
  let size: u32 = 0;
  for (let i = 0; i <= list.length; i++) {
    const letter = i < list.length ? <u32>list.charCodeAt(i) : 32;
    if (letter != 32) {
      store<u8>(capitals + size++, letter);
      continue;
    }
    table.add(hash(capitals, size));
    size = 0;
  }
}

/** Whether a word is one that structures statements; then it lies at `capitals`, whatever its case is. */
export function isKeyword(at: usize, size: u32): bool {
  return isAmong(words, at, size);
}

/** Whether a statement may begin with a word; then it lies at `capitals`. */
export function isVerb(at: usize, size: u32): bool {
  return isAmong(verbs, at, size);
}

function isAmong(table: KeyTable<u64>, at: usize, size: u32): bool {
  if (size > LONGEST) return false;
  for (let i: u32 = 0; i < size; i += 16) v128.store(capitals + i, inCapitals(v128.load(at + i)));
  return table.find(hash(capitals, size)) >= 0;
}

function inCapitals(bytes: v128): v128 {
  const isSmall = i8x16.lt_u(i8x16.sub(bytes, i8x16.splat(97)), i8x16.splat(26));
  return v128.xor(bytes, v128.and(isSmall, i8x16.splat(32)));
}
