import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { OpenApiFolder } from "../../../control/routes/openapi-folder.ts";
import { until } from "../until.ts";

let path = "";
let changes = 0;
let refused: string[] = [];
let unwatch: () => void = () => undefined;

test.before.each(() => {
  path = mkdtempSync(join(tmpdir(), "sidelight-openapi-"));
  changes = 0;
  refused = [];
});

test.after.each(() => {
  unwatch();
  rmSync(path, { recursive: true, force: true });
});

async function load(): Promise<OpenApiFolder> {
  const folder = await OpenApiFolder.load(path, {
    changed: () => void changes++,
    refused: ({ message }) => void refused.push(message),
  });
  unwatch = folder.watch(10);
  return folder;
}

function write(name: string, ...paths: readonly string[]): void {
  const text = JSON.stringify({ openapi: "3.0.0", paths: Object.fromEntries(paths.map((one) => [one, {}])) });
  writeFileSync(join(path, `${name}.new`), text);
  renameSync(join(path, `${name}.new`), join(path, name));
}

test("a file for each service; what is named otherwise is none", async () => {
  write("shop.user.json", "/users/{userId}");
  write("shop.carts.v2.yaml", "/carts/{id}");
  write("README.md", "/nothing");
  write("external.api.example.yml", "/repos/{owner}/{repo}");
  const rules = [...(await load()).rules()].sort();
  assert.equal(rules, [
    ["external/api.example", ["/repos/{owner}/{repo}"]],
    ["shop/carts.v2", ["/carts/{id}"]],
    ["shop/user", ["/users/{userId}"]],
  ]);
  assert.equal(refused, []);
});

test("changes are taken over; a bad document is named, and what it said before stays", async () => {
  write("shop.user.yaml", "/a/{x}");
  const folder = await load();
  write("shop.user.yaml", "/b/{x}");
  await until(() => changes === 1);
  assert.equal(folder.rules().get("shop/user"), ["/b/{x}"]);
  writeFileSync(join(path, "shop.user.yaml"), "openapi: 3.0.0");
  write("shop.orders.yaml", "/orders/{id}");
  await until(() => refused.length > 0 && folder.rules().has("shop/orders"));
  assert.match(refused.join(), /Reading the OpenAPI document .*shop\.user\.yaml: paths: must be there/);
  assert.equal(folder.rules().get("shop/user"), ["/b/{x}"]);
  rmSync(join(path, "shop.user.yaml"));
  await until(() => !folder.rules().has("shop/user"));
  const told = refused.length;
  rmSync(path, { recursive: true });
  await until(() => refused.length > told);
  assert.is(folder.rules().has("shop/orders"), true);
  assert.match(refused.at(-1) ?? "", /Reading the OpenAPI documents in .*ENOENT/);
});

test("a folder that is not there ends the start", async () => {
  const error = await OpenApiFolder.load(join(path, "none"), {
    changed: () => undefined,
    refused: () => undefined,
  }).catch((reason: unknown) => reason);
  assert.match(String(error), /Reading the OpenAPI documents in .*ENOENT/);
});

test.run();
