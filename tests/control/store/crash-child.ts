/**
 * A writer that is to be killed: appends one request at a time, cursor by cursor, rolls up and expires in between, and
 * says each cursor that was committed. Arguments: the database file.
 */
import { DuckDbStore } from "../../../control/store/duckdb/duckdb-store.ts";
import { START_MS, timed, windowOf } from "../world/fixtures.ts";

const path = process.argv[2];
if (path === undefined) throw new Error("The database file must be given");

// A log limit this small makes the engine fold its log into the file every few appends.
const store = await DuckDbStore.open({ path, memoryLimitMb: 64, threads: 1, walLimitMb: 1 });
for (let cursor = (await store.cursor()) + 1; ; cursor++) {
  const startMs = START_MS + cursor * 20_000;
  const client = `client-${cursor % 7}`;
  await store.append([windowOf([timed(1, 10 + (cursor % 50), { client })], { startMs })], cursor);
  process.stdout.write(`${cursor}\n`);
  if (cursor % 10 === 0) await store.expire(startMs);
}
