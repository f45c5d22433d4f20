/** Pages by themselves: what a token opens, what it does not, and how long. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { HttpError } from "../../../control/api/http-errors.ts";
import { pageable, Pages } from "../../../control/api/pages.ts";
import type { Page, PagesOptions } from "../../../control/api/pages.ts";
import { Filters } from "../../../control/world/filters.ts";
import { EDGES } from "../../../control/world/attributes.ts";
import { randomOf } from "../world/random.ts";

type Rows = { readonly rows: readonly number[] };

/** Asks for numbers from 0 up to before `count`. */
function asking(options: PagesOptions = {}) {
  const pages = new Pages(options);
  let computed = 0;
  const ask = (
    { count = 10, name = "numbers", ...question }: { count?: number; name?: string; of?: string; filters?: Filters },
    page: { size?: number; token?: string } = {},
  ): Promise<Page<Rows>> =>
    pages.tell(name, { ...question, page: { size: page.size, token: page.token, tokenField: "page_token" } }, () => {
      computed += 1;
      const first = (computed - 1) * 1_000;
      const rows = Array.from({ length: count }, (_each, index) => first + index);
      return Promise.resolve(pageable(rows, (some): Rows => ({ rows: some })));
    });
  return { ask, computed: () => computed };
}

async function refused(promise: Promise<unknown>): Promise<HttpError> {
  const reason: unknown = await promise.then(
    () => assert.unreachable("It was answered"),
    (error: unknown) => error,
  );
  assert.instance(reason, HttpError);
  assert.is((reason as HttpError).field, "page_token");
  assert.match((reason as HttpError).message, "page_token");
  return reason as HttpError;
}

test("pages of any size, which may change, make up the whole answer, of one moment", async () => {
  const random = randomOf(1);
  for (let round = 0; round < 50; round++) {
    const { ask, computed } = asking();
    const count = Math.floor(random() * 40);
    const told: number[] = [];
    let page = await ask({ count }, { size: 1 + Math.floor(random() * 12) });
    told.push(...page.rows);
    while (page.nextPageToken !== "") {
      assert.ok(page.rows.length > 0);
      page = await ask({ count }, { size: 1 + Math.floor(random() * 12), token: page.nextPageToken });
      told.push(...page.rows);
    }
    assert.equal(
      told,
      Array.from({ length: count }, (_each, index) => index),
    );
    assert.is(computed(), 1);
  }
});

test("without a size there is one page; a token without one tells what is left", async () => {
  const { ask } = asking();
  assert.equal([(await ask({})).rows.length, (await ask({})).nextPageToken], [10, ""]);
  const { nextPageToken: token } = await ask({}, { size: 4 });
  const rest = await ask({}, { token });
  assert.equal([rest.rows.length, rest.nextPageToken], [6, ""]);
  assert.equal((await ask({}, { token })).rows, rest.rows, "a page may be asked for again");
});

test("a token is short, and no other text opens anything", async () => {
  const { ask } = asking();
  const { nextPageToken: token } = await ask({}, { size: 4 });
  assert.ok(token.length <= 64 && /^[\w-]+$/.test(token), token);
  for (let at = 0; at < token.length; at++) {
    const changed = `${token.slice(0, at)}${token[at] === "A" ? "B" : "A"}${token.slice(at + 1)}`;
    assert.is((await refused(ask({}, { token: changed }))).status, 400, `${at}`);
  }
  const foreign = (await asking().ask({}, { size: 4 })).nextPageToken;
  for (const mangled of [
    "x",
    token.slice(1),
    `${token}A`,
    `${token}=`,
    "\u0000",
    "ä".repeat(54),
    "A".repeat(1e6),
    foreign,
  ]) {
    const error = await refused(ask({}, { token: mangled }));
    assert.is(error.status, 400);
    assert.ok(error.message.length < 200, "what was given is not repeated");
  }
});

test("a token goes on with its own question only", async () => {
  const { ask } = asking();
  const filters = (value: string) =>
    Filters.of([{ attribute: "namespace", end: "client", operator: "=", value }], EDGES);
  const { nextPageToken: token } = await ask({ filters: filters("a") }, { size: 4 });
  for (const other of [
    {},
    { filters: filters("b") },
    { filters: filters("a"), of: "x" },
    { filters: filters("a"), name: "letters" },
  ]) {
    const error = await refused(ask(other, { token }));
    assert.equal([error.status, error.message.includes("another question")], [400, true]);
  }
  assert.is((await ask({ of: "", filters: filters("a") }, { token })).rows.length, 6, "what is empty is not there");
});

test("an answer is kept for a while after it was last asked for", async () => {
  let nowMs = 0;
  const { ask } = asking({ keptMs: 60_000, now: () => nowMs });
  const { nextPageToken: token } = await ask({}, { size: 4 });
  nowMs = 59_000;
  await ask({}, { token, size: 1 });
  nowMs = 118_000;
  await ask({}, { token, size: 1 });
  nowMs = 178_000;
  const gone = await refused(ask({}, { token }));
  assert.is(gone.status, 410);
  assert.match(gone.message, "Start again");
});

test("a bounded number of answers and rows is kept, those last asked for the longest", async () => {
  const few = asking({ maxKept: 2 });
  const first = (await few.ask({}, { size: 4 })).nextPageToken;
  const second = (await few.ask({}, { size: 4 })).nextPageToken;
  await few.ask({}, { token: first });
  await few.ask({}, { size: 4 });
  assert.equal((await few.ask({}, { token: first })).rows, [4, 5, 6, 7, 8, 9]);
  assert.is((await refused(few.ask({}, { token: second }))).status, 410);

  const small = asking({ maxRows: 25 });
  const tokens = [];
  for (let index = 0; index < 3; index++) tokens.push((await small.ask({}, { size: 4 })).nextPageToken);
  assert.is((await refused(small.ask({}, { token: tokens[0]! }))).status, 410);
  assert.is((await small.ask({}, { token: tokens[1]! })).rows.length, 6);
});

test("an answer of one page is not kept, so that it drives no other one out", async () => {
  const { ask } = asking({ maxKept: 1 });
  const { nextPageToken: token } = await ask({}, { size: 4 });
  for (let index = 0; index < 5; index++) await ask({}, { size: 10 });
  assert.is((await ask({}, { token })).rows.length, 6);
});

test.run();
