/** Reads of the embedded store that are given up: the engine itself lets go of them. */
import { DuckDBInstance } from "@duckdb/node-api";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { Session } from "../../../control/store/duckdb/session.ts";
import type { Transaction } from "../../../control/store/duckdb/session.ts";

/** Would take hours. */
const ENDLESS = "SELECT max(a.range * b.range) AS most FROM range(100000000) a, range(100000000) b";

async function during(check: (session: Session) => Promise<void>): Promise<void> {
  const instance = await DuckDBInstance.create(":memory:", { threads: "2" });
  const session = new Session(await instance.connect());
  try {
    await check(session);
  } finally {
    await session.close();
    instance.closeSync();
  }
}

const one = (tx: Transaction): Promise<unknown> => tx.rows("SELECT 1::INTEGER AS one");

for (const [name, read] of [
  ["rows", (tx: Transaction) => tx.rows(ENDLESS)],
  ["a stream", async (tx: Transaction) => (await tx.stream(ENDLESS).next()).value as unknown],
] as const) {
  test(`${name} under way: broken off, with the reason; the session goes on`, async () => {
    await during(async (session) => {
      const asker = new AbortController();
      const answer = session
        .read((tx) => {
          setTimeout(() => asker.abort(), 50);
          return read(tx);
        }, asker.signal)
        .catch((error: unknown) => error);
      const next = session.read(one);
      assert.is(await answer, asker.signal.reason);
      assert.equal(await next, [{ one: 1 }]);
    });
  });
}

test("what is given up as it begins is broken off too", async () => {
  await during(async (session) => {
    for (let round = 0; round < 20; round++) {
      const asker = new AbortController();
      const answer = session.read((tx) => {
        const rows = tx.rows(ENDLESS);
        // At every moment of the way into the engine.
        if (round % 2 === 0) queueMicrotask(() => asker.abort());
        else setTimeout(() => asker.abort(), round / 4);
        return rows;
      }, asker.signal);
      assert.is(await answer.catch((error: unknown) => error), asker.signal.reason);
    }
    assert.equal(await session.read(one), [{ one: 1 }]);
  });
});

test("what is given up before its turn is never begun", async () => {
  await during(async (session) => {
    let begun = 0;
    const first = session.read(one);
    const asker = new AbortController();
    const second = session.read((tx) => {
      begun++;
      return one(tx);
    }, asker.signal);
    asker.abort();
    assert.is(await second.catch((error: unknown) => error), asker.signal.reason);
    assert.equal(await first, [{ one: 1 }]);
    assert.is(begun, 0);
  });
});

test("a statement that fails by itself tells its own error", async () => {
  await during(async (session) => {
    const { signal } = new AbortController();
    const error: unknown = await session
      .read((tx) => tx.rows("SELECT nothing"), signal)
      .catch((caught: unknown) => caught);
    assert.match((error as Error).message, "nothing");
    assert.equal(await session.read(one, signal), [{ one: 1 }]);
  });
});

test.run();
