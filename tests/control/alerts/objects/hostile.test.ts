import { suite } from "uvu";
import * as assert from "uvu/assert";
import { ALERTING_KINDS } from "../../../../control/alerts/objects/defaults.ts";
import { MAX_DOCUMENT_BYTES, MAX_FILE_BYTES, MAX_PROBLEMS } from "../../../../control/alerts/objects/limits.ts";
import { readObjects } from "../../../../control/alerts/objects/read-objects.ts";
import type { Reading } from "../../../../control/alerts/objects/read-objects.ts";
import { randomOf } from "../../world/random.ts";

const test = suite("hostile YAML");
const read = (text: string): Reading => readObjects(text, ALERTING_KINDS);
const SLO = `apiVersion: sidelight.dev/v1
kind: SLO
metadata: { name: good, labels: { team: a } }
spec:
  where: ["workload=shop/user", route~^/orders]
  indicator: { latency: { under: 300ms } }
  objective: 99.9
  alerts: { fast: { burnRate: 10 }, slow: off }
`;

/** Told of, and the object after it is read. */
function refuses(text: string, why: RegExp): void {
  const { objects, problems } = read(`${text}\n---\n${SLO}`);
  assert.equal(
    objects.map(({ name }) => name),
    ["good"],
  );
  assert.match(problems.map(({ message }) => message).join("; "), why);
}

test("aliases of aliases are not written out", () => {
  const levels = Array.from(
    { length: 30 },
    (_, level) => `l${level + 1}: &l${level + 1} [${`*l${level}, `.repeat(10)}]`,
  );
  refuses(["l0: &l0 lol", ...levels].join("\n"), /anchors are used more than 100 times/);
});

test("depth, size and numbers have limits", () => {
  refuses("[".repeat(20_000), /./);
  refuses(`a: ${"{a: ".repeat(10_000)}`, /./);
  refuses("- ".repeat(20_000), /./);
  refuses(`a: ${"x".repeat(MAX_DOCUMENT_BYTES)}`, /bytes are too many for one object/);
  assert.match(read("#".repeat(MAX_FILE_BYTES + 1)).problems[0]?.message ?? "", /split it over several files/);
  const { problems, problemsCut } = read("--- 1\n".repeat(500));
  assert.equal([problems.length, problemsCut], [MAX_PROBLEMS, 500 - MAX_PROBLEMS]);
});

test("names that JavaScript means something by are names like others", () => {
  refuses("__proto__: { kind: SLO }\nconstructor: 1", /must be there/);
  refuses(SLO.replace("labels: { team: a }", "labels: { __proto__: { a: b } }"), /./);
  refuses(SLO.replace("kind: SLO", "kind: toString"), /there is no kind "toString"/);
  assert.is(({} as Record<string, unknown>)["kind"], undefined);
});

test("tags, anchors to itself and binaries do no harm", () => {
  refuses("&a [*a]", /./);
  refuses("a: *b", /nothing before it has the anchor "b"/);
  refuses("a: !!js/function 'x'", /./);
  refuses("? {a: b}\n: c", /./);
  refuses("\u0000\ufffe", /./);
});

test("a damaged text is read without a throw, and every problem stands in it", () => {
  const random = randomOf(7);
  const pieces = [
    "\n",
    " ",
    "- ",
    ": ",
    "[",
    "]",
    "{",
    "}",
    '"',
    "'",
    "&a",
    "*a",
    "|",
    ">",
    "#",
    "---\n",
    "\t",
    "!",
    "%",
    "é",
    "99",
    "null",
  ];
  for (let round = 0; round < 400; round += 1) {
    let text = `${SLO}---\n${SLO}`;
    for (let change = 0; change <= random() * 4; change += 1) {
      const at = Math.floor(random() * text.length);
      const piece = random() < 0.3 ? "" : pieces[Math.floor(random() * pieces.length)];
      text = text.slice(0, at) + piece + text.slice(at + Math.floor(random() * 6));
    }
    const lines = text.split("\n");
    for (const { line, column, frame, message } of read(text).problems) {
      assert.ok(line >= 1 && line <= lines.length, `line ${line} of ${lines.length}: ${JSON.stringify(text)}`);
      assert.ok(
        column >= 1 && column <= (lines[line - 1] ?? "").length + 1,
        `column ${column}: ${JSON.stringify(text)}`,
      );
      assert.is(frame.length, 2);
      assert.not.match(message, /undefined|Invalid input|NaN/, JSON.stringify(text));
    }
  }
});

test.run();
