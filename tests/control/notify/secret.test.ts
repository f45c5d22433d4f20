import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { NotifyError } from "../../../control/notify/notification.ts";
import { readUrl, secret, secretUrl, secretsOf } from "../../../control/notify/secret.ts";

test("a secret is read anew each time, from where it lies", () => {
  const folder = mkdtempSync(join(tmpdir(), "sidelight-secret-"));
  const path = join(folder, "token");
  const source = secretsOf({ TOKEN: "from the environment" });
  writeFileSync(path, "one\n");
  const ofFile = secret.parse({ fromFile: path });
  assert.is(ofFile.read(source), "one");
  writeFileSync(path, "two\n");
  assert.is(ofFile.read(source), "two");
  writeFileSync(path, "\n");
  assert.throws(() => ofFile.read(source), /is empty; it must have/);
  rmSync(folder, { recursive: true });
  assert.throws(() => ofFile.read(source), /token: ENOENT/);
  assert.is(secret.parse({ fromEnv: "TOKEN" }).read(source), "from the environment");
  assert.is(secret.parse("plain").read(source), "plain");
});

test("whatever prints it gets the place alone", () => {
  const hidden = secret.parse("hush-hush");
  for (const text of [String(hidden), JSON.stringify({ hidden }), inspect({ hidden }, { showHidden: true })]) {
    assert.not.match(text, "hush-hush");
  }
  assert.is(JSON.stringify(secret.parse({ fromEnv: "A" })), '{"fromEnv":"A"}');
});

test("an address out of a file must be one too", () => {
  const url = secretUrl.parse({ fromEnv: "URL" });
  assert.is(readUrl(url, secretsOf({ URL: "https://x.example/y\n" })), "https://x.example/y");
  try {
    readUrl(url, secretsOf({ URL: "hush-hush" }));
    assert.unreachable();
  } catch (error) {
    assert.instance(error, NotifyError);
    assert.not.match((error as NotifyError).message, "hush-hush");
  }
});

test.run();
