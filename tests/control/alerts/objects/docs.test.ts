import { readFileSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { ALERT } from "../../../../control/alerts/objects/alert.ts";
import { ALERTING_KINDS, defaultObjects } from "../../../../control/alerts/objects/defaults.ts";
import { MUTE } from "../../../../control/alerts/objects/mute.ts";
import { problemText } from "../../../../control/alerts/objects/problem.ts";
import { readObjects } from "../../../../control/alerts/objects/read-objects.ts";
import { SLO } from "../../../../control/alerts/objects/slo.ts";

const test = suite("docs/slo-and-alerts.md");
const page = readFileSync(new URL("../../../../docs/slo-and-alerts.md", import.meta.url), "utf8");
const examples = [...page.matchAll(/^```yaml\n(.*?)^```$/gms)].map(([, text = ""]) => text);

test("every example can be read", () => {
  assert.ok(examples.length >= 5);
  for (const example of examples) {
    const { objects, problems } = readObjects(example, ALERTING_KINDS);
    assert.equal(problems.map(problemText), [], example);
    assert.is(objects.length, example.split(/^---$/m).length);
  }
});

test("every field of every kind is on the page", () => {
  for (const kind of [SLO, ALERT, MUTE]) {
    const [, section = ""] = page.split(`\n## ${kind.name}\n`);
    for (const name of Object.keys((kind.spec as unknown as { shape: object }).shape)) {
      assert.match(section.split("\n## ")[0] ?? "", `\`${name}`, `${kind.name}: ${name}`);
    }
  }
});

test("what is said of a default's name is one", () => {
  const names = new Set(defaultObjects().map(({ name }) => name));
  const overriding = readObjects(examples.at(-1) ?? "", ALERTING_KINDS).objects;
  assert.ok(overriding.length > 0);
  for (const { name } of overriding) assert.ok(names.has(name), name);
});

test.run();
