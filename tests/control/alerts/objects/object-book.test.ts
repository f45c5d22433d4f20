import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { z } from "zod";
import { ALERT } from "../../../../control/alerts/objects/alert.ts";
import { defaultObjects } from "../../../../control/alerts/objects/defaults.ts";
import { kindsOf } from "../../../../control/alerts/objects/kind.ts";
import { ObjectBook } from "../../../../control/alerts/objects/object-book.ts";
import { problemLine } from "../../../../control/alerts/objects/problem.ts";
import { SLO } from "../../../../control/alerts/objects/slo.ts";

const test = suite("all objects");

/** As receivers have them. */
class Secret {
  constructor(readonly text: string) {}
  toJSON(): string {
    return "(hidden)";
  }
}
const RECEIVER = {
  name: "Receiver",
  family: "receiver",
  spec: z.strictObject({
    hooks: z.array(
      z.strictObject({
        url: z
          .string()
          .startsWith("https:")
          .transform((text) => new Secret(text)),
        to: z.string().optional(),
      }),
    ),
  }),
};
const KINDS = kindsOf(SLO, ALERT, RECEIVER);
let path = "";

test.before.each(() => {
  path = mkdtempSync(join(tmpdir(), "sidelight-book-"));
  mkdirSync(join(path, "git"));
});

test.after.each(() => rmSync(path, { recursive: true, force: true }));

function open(): Promise<ObjectBook> {
  const watcher = { changed: () => undefined, refused: () => undefined };
  const [folder, own] = [join(path, "git"), join(path, "own")];
  return ObjectBook.open({ kinds: KINDS, defaults: defaultObjects(), folder, own, watcher });
}

function slo(name: string, objective = "99"): string {
  return `apiVersion: sidelight.dev/v1\nkind: SLO\nmetadata: { name: ${name} }\nspec: { indicator: availability, objective: ${objective} }\n`;
}

const objective = (book: ObjectBook, name: string): unknown =>
  (book.inForce().find((object) => object.name === name)?.spec as { objective: number } | undefined)?.objective;

test("what is applied holds, is kept as it was written, and is there after a restart", async () => {
  const book = await open();
  const text = `# why\n${slo("mine")}`;
  assert.equal(book.apply(text, true).changes, [{ kind: "SLO", name: "mine", before: "", after: text }]);
  assert.is(objective(book, "mine"), undefined);
  book.apply(`--- \n${text}---\n${slo("other")}`, false);
  assert.is(objective(book, "mine"), 0.99);
  assert.equal(readdirSync(join(path, "own")).sort(), ["SLO.mine.yaml", "SLO.other.yaml"]);
  const again = await open();
  assert.is(objective(again, "mine"), 0.99);
  assert.is(again.shown().find(({ name }) => name === "mine")?.yaml, text);
  assert.equal(again.apply(text, false), { changes: [], problems: [] });
  assert.is(again.remove("SLO", "mine"), true);
  assert.is(again.remove("SLO", "mine"), false);
  assert.is(objective(await open(), "mine"), undefined);
});

test("all or nothing: where one cannot be, none is taken", async () => {
  const book = await open();
  const { changes, problems } = book.apply(`${slo("good")}---\n${slo("bad", "1")}`, false);
  assert.equal(changes, []);
  assert.match(problems.map(problemLine).join(), /^9:45: spec\.objective: 1 percent is hardly meant/);
  assert.is(objective(book, "good"), undefined);
  assert.equal(readdirSync(join(path, "own")), []);
});

test("what a file states is changed there", async () => {
  writeFileSync(join(path, "git", "team.yaml"), slo("mine"));
  const book = await open();
  const { problems } = book.apply(`${slo("fine")}---\n${slo("mine", "90")}`, false);
  assert.equal(problems.map(problemLine), [
    "8:19: metadata.name: the file team.yaml states the SLO of this name; change it there",
  ]);
  assert.is(book.remove("SLO", "mine"), false);
  assert.is(objective(book, "mine"), 0.99);
});

test("a file goes before the same of the API, which is told of it", async () => {
  (await open()).apply(slo("mine", "90"), false);
  writeFileSync(join(path, "git", "team.yaml"), slo("mine"));
  const book = await open();
  assert.is(objective(book, "mine"), 0.99);
  const shown = book.shown().filter(({ name }) => name === "mine");
  assert.equal(
    shown.map(({ origin, file, line, error }) => [origin, file, line, error === ""]),
    [
      ["file", "team.yaml", 1, true],
      ["api", "", 0, false],
    ],
  );
  assert.match(shown[1]?.error ?? "", /another SLO at team\.yaml:1 has this name already/);
});

test("an own object takes a default's place, and the default comes back when it goes", async () => {
  const book = await open();
  const [change] = book.apply(slo("availability", "99.5"), false).changes;
  assert.match(change?.before ?? "", /objective: 99\.9/);
  const origins = (): string[] => book.shown().flatMap(({ name, origin }) => (name === "availability" ? [origin] : []));
  assert.equal(origins(), ["api"]);
  assert.is(objective(book, "availability"), 0.995);
  book.apply(slo("mine"), false);
  const replacing = book.shown().flatMap(({ name, replacesDefault }) => (replacesDefault ? [name] : []));
  assert.equal(replacing, ["availability"]);
  book.apply("apiVersion: sidelight.dev/v1\nkind: SLO\nmetadata: {name: availability}\ndisabled: true\n", false);
  assert.is(book.shown().find(({ name }) => name === "availability")?.isDisabled, true);
  book.remove("SLO", "availability");
  assert.equal(origins(), ["default"]);
  assert.is(objective(book, "availability"), 0.999);
});

test("names are for one object of a family", async () => {
  const book = await open();
  book.apply(slo("one"), false);
  const alert =
    "apiVersion: sidelight.dev/v1\nkind: Alert\nmetadata: {name: one}\nspec: {severity: warning, topology: newEdge}\n";
  assert.match(book.apply(alert, false).problems[0]?.message ?? "", /another kind, SLO, has this name/);
});

test("secrets are not shown, and are kept when the text that was shown comes back", async () => {
  const of = (first: string, to: string): string =>
    [
      "apiVersion: sidelight.dev/v1",
      "kind: Receiver",
      "metadata: { name: chat }",
      "spec:",
      "  hooks:",
      `    - url: ${first} # of the team`,
      `      to: ${to}`,
      "    - { url: 'https://x.example/two' }",
      "",
    ].join("\n");
  const book = await open();
  const { changes } = book.apply(of("https://x.example/one", "ops"), false);
  const shown = (): string => book.shown().find(({ name }) => name === "chat")?.yaml ?? "";
  assert.not.match(`${changes[0]?.after}${shown()}`, "x.example");
  assert.match(shown(), '- url: "(hidden)" # of the team');
  const changed = shown().replace("to: ops", "to: dev");
  assert.equal(book.apply(changed, false).problems, []);
  const kept = readFileSync(join(path, "own", "Receiver.chat.yaml"), "utf8");
  assert.match(kept, /https:\/\/x\.example\/one".*\n {6}to: dev\n.*https:\/\/x\.example\/two"/);
  assert.match(
    book.apply(changed.replace("name: chat", "name: new"), false).problems[0]?.field ?? "",
    /spec\.hooks\[0\]\.url/,
  );
});

test("a file that was never good is shown with what is wrong, and not its text", async () => {
  writeFileSync(join(path, "git", "team.yaml"), slo("mine", "1"));
  const [shown] = (await open()).shown();
  assert.equal([shown?.name, shown?.origin, shown?.yaml, shown?.file], ["mine", "file", "", "team.yaml"]);
  assert.match(shown?.error ?? "", /^team\.yaml:4:45: spec\.objective/);
});

test.run();
