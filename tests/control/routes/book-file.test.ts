import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { BookContent, RoutesContent } from "../../../control/routes/book-content.ts";
import { BookFile } from "../../../control/routes/book-file.ts";

let folder = "";
let path = "";
let errors: string[] = [];

test.before.each(() => {
  folder = mkdtempSync(join(tmpdir(), "sidelight-book-"));
  path = join(folder, "routes.json");
  errors = [];
});

test.after.each(() => rmSync(folder, { recursive: true, force: true }));

function open(): BookFile {
  const tell = ({ message }: Error): void => void errors.push(message);
  return new BookFile(path, { damaged: tell, failed: tell });
}

const BOOK: BookContent = new Map([
  [
    "shop/user",
    {
      places: [
        { place: "/users/{id}", sinceMs: Date.UTC(2026, 2, 1), values: 61, names: new Set(["me"]) },
        { place: "/users/{id}/keys/{id}", sinceMs: Date.UTC(2026, 2, 2), values: 100, names: new Set<string>() },
      ],
      forgotten: ["/pages/{id}"],
    },
  ],
  ["external/api.example", { places: [], forgotten: ["/a/{id}"] }],
]);
const CONTENT: RoutesContent = {
  book: BOOK,
  callers: new Map([["shop/front-end", new Map([["outbound|80||user.shop", ["shop/user", "shop/user-canary"]]])]]),
};
const NOTHING: RoutesContent = { book: new Map(), callers: new Map() };

test("what is saved is read again; no file is an empty book", async () => {
  const file = open();
  assert.equal(await file.read(), NOTHING);
  file.save(() => CONTENT);
  await file.flushed();
  assert.equal(await open().read(), CONTENT);
  assert.match(readFileSync(path, "utf8"), /"place": "\/users\/\{id\}",\n\s+"since": "2026-03-01T00:00:00\.000Z"/);
  assert.equal(errors, []);
});

test("of many changes the last is kept", async () => {
  const file = open();
  for (let at = 1; at <= 50; at++)
    file.save(() => ({ ...NOTHING, book: new Map([["s", { places: [], forgotten: [`/${at}/{id}`] }]]) }));
  await file.flushed();
  assert.equal((await open().read()).book.get("s")?.forgotten, ["/50/{id}"]);
});

test("a file from before callers were kept is read", async () => {
  const file = open();
  file.save(() => CONTENT);
  await file.flushed();
  const { callers, ...before } = JSON.parse(readFileSync(path, "utf8")) as Record<string, unknown>;
  assert.ok(callers);
  writeFileSync(path, JSON.stringify(before));
  assert.equal(await open().read(), { ...NOTHING, book: BOOK });
});

test("half of a new file, as a crash leaves it, changes nothing", async () => {
  const file = open();
  file.save(() => CONTENT);
  await file.flushed();
  writeFileSync(`${path}.new`, '{"version": 1, "serv');
  assert.equal(await open().read(), CONTENT);
});

test("a file that makes no sense is put aside and said so", async () => {
  for (const [text, why] of [
    ["{", /JSON/],
    ['{"version": 2, "services": {}}', /version: must be 1: a later version/],
    ['{"version": 1, "services": {"a": {"places": [{"place": "x"}]}}}', /services\.a\.places\.0\.place/],
  ] as const) {
    errors = [];
    writeFileSync(path, text);
    assert.equal(await open().read(), NOTHING);
    assert.match(errors.join(), why);
    assert.match(errors.join(), /put aside as .*routes\.json\.damaged, and routes are learned anew/);
    assert.is(existsSync(path), false);
    assert.is(readFileSync(`${path}.damaged`, "utf8"), text);
  }
});

test("a folder that cannot be written to is said so, and the next change is tried", async () => {
  rmSync(folder, { recursive: true });
  const file = open();
  file.save(() => CONTENT);
  await file.flushed();
  assert.match(errors.join(), /Writing the learned routes to .*routes\.json/);
});

test.run();
