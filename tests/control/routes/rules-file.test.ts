import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { readRouteRules } from "../../../control/routes/rules-file.ts";

const folder = mkdtempSync(join(tmpdir(), "sidelight-routes-"));
const path = join(folder, "routes.txt");
test.after(() => rmSync(folder, { recursive: true, force: true }));

async function rulesOf(text: string): Promise<string[] | string> {
  writeFileSync(path, text);
  return readRouteRules(path).catch((error: Error) => error.message);
}

test("rules in their order, without comments and empty lines", async () => {
  const rules = ["/customers/{id}/cards", "GET /static/*", "/assets/**", "/", "/a.b/c-d/~x", "DELETE /{entity}/{id}"];
  assert.equal(await rulesOf(`# the shop\n\n  ${rules.join("\r\n")}\n`), rules);
  assert.equal(await rulesOf(""), []);
});

test("a rule that cannot be used is named with its line", async () => {
  for (const wrong of ["customers/{id}", "get /x", "/a/{b", "/a b", "/**/a", "GET", `/${"x".repeat(200)}`]) {
    assert.match(String(await rulesOf(`/good\n${wrong}\n`)), /routes\.txt, line 2: ".*" is no rule/, wrong);
  }
});

test("no more than reporters can hold", async () => {
  assert.match(String(await rulesOf("/a\n".repeat(129))), /129 rules of 774 bytes; reporters hold at most 128/);
  assert.match(String(await rulesOf(`/${"a".repeat(190)}\n`.repeat(60))), /60 rules of 11700 bytes/);
});

test("a file that is not there", async () => {
  const error = await readRouteRules(join(folder, "none")).catch((reason: unknown) => reason);
  assert.match(String(error), /Reading the route rules at .*ENOENT/);
});

test.run();
