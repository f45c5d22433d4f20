import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { ALERTING_KINDS } from "../../../../control/alerts/objects/defaults.ts";
import { ObjectFolder } from "../../../../control/alerts/objects/object-folder.ts";
import { errorOf } from "../../../../control/alerts/objects/stated.ts";
import { until } from "../../until.ts";

const test = suite("a folder of objects");
let path = "";
let changes = 0;
let refused: string[] = [];
let unwatch: () => void = () => undefined;

test.before.each(() => {
  path = mkdtempSync(join(tmpdir(), "sidelight-objects-"));
  changes = 0;
  refused = [];
});

test.after.each(() => {
  unwatch();
  rmSync(path, { recursive: true, force: true });
});

async function load(): Promise<ObjectFolder> {
  const folder = await ObjectFolder.load(path, ALERTING_KINDS, {
    changed: () => void changes++,
    refused: ({ message }) => void refused.push(message),
  });
  unwatch = folder.watch(10);
  return folder;
}

function slo(name: string, objective: string): string {
  return `apiVersion: sidelight.dev/v1\nkind: SLO\nmetadata: { name: ${name} }\nspec: { indicator: availability, objective: ${objective} }\n`;
}

function write(file: string, ...texts: readonly string[]): void {
  writeFileSync(join(path, `.${file}`), texts.join("---\n"));
  renameSync(join(path, `.${file}`), join(path, file));
}

/** What holds: the name and objective of each. */
function holds(folder: ObjectFolder): [string, number][] {
  return folder
    .stated()
    .flatMap(({ object }) => (object ? [[object.name, (object.spec as { objective: number }).objective]] : []));
}

test("every YAML file of it, and nothing else", async () => {
  write("b.yml", slo("b", "99"));
  write("a.yaml", slo("a1", "99"), slo("a2", "98"));
  write("README.md", "no YAML");
  mkdirSync(join(path, "folder.yaml.d"));
  mkdirSync(join(path, "deeper"));
  writeFileSync(join(path, "deeper", "c.yaml"), slo("c", "99"));
  assert.equal(holds(await load()), [
    ["a1", 0.99],
    ["a2", 0.98],
    ["b", 0.99],
  ]);
  assert.equal(refused, []);
});

test("what is changed to something bad stays as it was, is told once, and is mended", async () => {
  write("a.yaml", slo("one", "99"), slo("two", "98"), slo("three", "97"));
  const folder = await load();
  write("a.yaml", slo("one", "99.5"), slo("two", "0.98"), slo("three", "97"));
  await until(() => changes === 1);
  assert.equal(holds(folder).sort(), [
    ["one", 0.995],
    ["three", 0.97],
    ["two", 0.98],
  ]);
  const bad = folder.stated().find(({ problems }) => problems.length > 0);
  assert.ok(bad);
  assert.is(bad.name, "two");
  assert.match(errorOf(bad), /^a\.yaml:9:45: spec\.objective: 0\.98 percent is hardly meant/);
  assert.is(refused.length, 1);
  assert.match(
    refused[0] ?? "",
    /Reading the objects at .*a\.yaml: a\.yaml:9:45: spec\.objective.* \(1 problems in all\)/,
  );
  write("a.yaml", slo("two", "90"));
  await until(() => changes === 2);
  assert.equal(holds(folder), [["two", 0.9]]);
  assert.is(refused.length, 1);
});

test("a text that does not tell its name may be any of those that are missing", async () => {
  write("a.yaml", slo("one", "99"), slo("two", "98"));
  const folder = await load();
  write("a.yaml", slo("one", "90"), 'kind: SLO\nmetadata: "{\n');
  await until(() => changes === 1);
  assert.equal(holds(folder), [
    ["one", 0.9],
    ["two", 0.98],
  ]);
});

test("what was never good does not hold, and is told", async () => {
  write("a.yaml", slo("one", "1"));
  const folder = await load();
  assert.equal(holds(folder), []);
  assert.is(folder.stated()[0]?.name, "one");
  assert.is(refused.length, 1);
});

test("a ConfigMap that is mounted: files are links into a folder that is exchanged whole", async () => {
  const publish = (version: string, text: string): void => {
    mkdirSync(join(path, `..${version}`));
    writeFileSync(join(path, `..${version}`, "rules.yaml"), text);
    symlinkSync(`..${version}`, join(path, "..data_tmp"));
    renameSync(join(path, "..data_tmp"), join(path, "..data"));
  };
  publish("1", slo("one", "99"));
  symlinkSync("..data/rules.yaml", join(path, "rules.yaml"));
  const folder = await load();
  assert.equal(holds(folder), [["one", 0.99]]);
  publish("2", slo("one", "98"));
  await until(() => changes === 1);
  assert.equal(holds(folder), [["one", 0.98]]);
});

test("files that go take their objects along; a folder that goes takes nothing, and is told of once", async () => {
  write("a.yaml", slo("one", "99"));
  write("b.yaml", slo("two", "98"));
  const folder = await load();
  rmSync(join(path, "a.yaml"));
  await until(() => changes === 1);
  assert.equal(holds(folder), [["two", 0.98]]);
  rmSync(path, { recursive: true });
  await until(() => refused.length > 0);
  assert.match(refused.join(), /Reading the objects in .*ENOENT/);
  assert.equal(holds(folder), [["two", 0.98]]);
});

test("a file that cannot be read leaves what it said before, and the others as they are", async () => {
  write("a.yaml", slo("one", "99"));
  const folder = await load();
  rmSync(join(path, "a.yaml"));
  mkdirSync(join(path, "a.yaml"));
  write("b.yaml", slo("two", "98"));
  await until(() => holds(folder).length === 2);
  assert.match(refused.join(), /Reading the objects at .*a\.yaml: EISDIR/);
  assert.is(readFileSync(join(path, "b.yaml"), "utf8"), slo("two", "98"));
});

test("a folder that is not there ends the start", async () => {
  const nobody = { changed: () => undefined, refused: () => undefined };
  const error = await ObjectFolder.load(join(path, "none"), ALERTING_KINDS, nobody).catch((reason: unknown) => reason);
  assert.match(String(error), /Reading the objects in .*ENOENT/);
});

test.run();
