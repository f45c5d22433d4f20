import type { Protocol } from "../../identity/observation.ts";
import type { CheckedSeries } from "../questions.ts";
import { SeriesGroups } from "../series-groups.ts";
import type { SeriesPlan } from "../series-groups.ts";
import { identityAt, readIdentities } from "./identities.ts";
import { whereOf } from "./selecting.ts";
import type { Transaction } from "./session.ts";
import { shownSql } from "./shown.ts";
import { COLUMN, TableBatch } from "./table-batch.ts";

const TABLE = "chosen_keys";

/** SQL for `chosen` of series-sql.ts, of keys that were filled in. */
export const CHOSEN_KEYS_SQL = `SELECT key_id, keys.outcome, series, is_timed FROM temp.${TABLE} JOIN keys USING (key_id)`;

/** So few keys can be named in a question, so that the engine passes over what has none of them. */
const FEW = 100;

interface ChosenKey {
  readonly id: number;
  readonly group: number;
  /** Whether its durations are latencies: neither connections nor what went on as another protocol, as in world/. */
  readonly isRequest: boolean;
}

/** The keys of a range that a question is about, each with its group. They are worked out once for the whole question. */
export class ChosenKeys {
  readonly #tx: Transaction;
  readonly #keys: readonly ChosenKey[];
  readonly groups: SeriesGroups;

  private constructor(tx: Transaction, keys: readonly ChosenKey[], groups: SeriesGroups) {
    this.#tx = tx;
    this.#keys = keys;
    this.groups = groups;
  }

  /** Throws TooMuchWork where there are too many groups, or matching takes too long. */
  static async read(tx: Transaction, present: string, question: CheckedSeries): Promise<ChosenKeys> {
    // Without groups and matching nobody asks what a node was.
    const identities = question.matches || question.labelsOf ? await readIdentities(tx) : new Map<string, never>();
    const atMs = question.range.toMs - 1;
    const groups = new SeriesGroups(question, (id) => identityAt(identities, id, atMs));
    const { where, parameters } = whereOf(question.selection);
    const sql = `WITH ${shownSql(present)}
      SELECT key_id, client, server, protocol, method, route, status FROM shown WHERE ${where}`;
    const keys: ChosenKey[] = [];
    for await (const row of tx.stream(sql, parameters)) {
      const protocol = row["protocol"] as Protocol;
      const ends = { client: row["client"] as string, server: row["server"] as string };
      const group = groups.of({ ...ends, protocol, method: row["method"] as string, route: row["route"] as string });
      if (group === undefined) continue;
      keys.push({ id: row["key_id"] as number, group, isRequest: protocol !== "tcp" && row["status"] !== 101 });
    }
    return new ChosenKeys(tx, keys, groups);
  }

  /** The numbers of the keys, where they are few; undefined where they are many. */
  get few(): readonly number[] | undefined {
    return this.#keys.length <= FEW ? this.#keys.map(({ id }) => id) : undefined;
  }

  /** Makes `chosen` say which series each key is counted in. */
  async fill({ series, seriesOf }: SeriesPlan): Promise<void> {
    const columns = "key_id INTEGER NOT NULL, series INTEGER NOT NULL, is_timed BOOLEAN NOT NULL";
    await this.#tx.run(`CREATE OR REPLACE TEMP TABLE ${TABLE} (${columns})`);
    const appender = await this.#tx.connection.createAppender(TABLE, "main", "temp");
    const batch = new TableBatch(appender, [COLUMN.integer, COLUMN.integer, COLUMN.truth]);
    for (const { id, group, isRequest } of this.#keys) {
      const at = seriesOf(group);
      batch.add(id, at, isRequest || series[at]!.isOfTcp ? 1 : 0);
    }
    batch.close();
  }
}
