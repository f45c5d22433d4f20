import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { AnnotatedSlos } from "../../../../control/alerts/objects/annotated-slos.ts";
import { ALERTING_KINDS, defaultObjects } from "../../../../control/alerts/objects/defaults.ts";
import { expand } from "../../../../control/alerts/objects/expand.ts";
import { ObjectBook } from "../../../../control/alerts/objects/object-book.ts";
import { problemLine } from "../../../../control/alerts/objects/problem.ts";
import { readObjects } from "../../../../control/alerts/objects/read-objects.ts";
import type { BurnRule } from "../../../../control/alerts/rule.ts";
import { Bench, burn } from "../fixtures.ts";

const test = suite("objectives of annotations");

const slosOf = (texts: Readonly<Record<string, string>>): AnnotatedSlos => {
  return new AnnotatedSlos(() => new Map(Object.entries(texts)));
};
const promised = (text: string): string[] =>
  slosOf({ "shop/user": text }).objects.map((object) => {
    const [rule] = expand([object]).rules as [BurnRule];
    const { indicator, objective } = rule;
    return `${object.name} ${objective}${indicator.kind === "latency" ? ` ${indicator.overMs}` : ""}`;
  });
const refusal = (text: string): string => slosOf({ "shop/user": text }).shown[0]!.error;

async function inBook(annotated: AnnotatedSlos, run: (book: ObjectBook) => void): Promise<void> {
  const own = mkdtempSync(join(tmpdir(), "sidelight-annotated-"));
  const watcher = { changed: () => undefined, refused: () => undefined };
  const options = { kinds: ALERTING_KINDS, defaults: defaultObjects(), folder: undefined, own, watcher, annotated };
  try {
    run(await ObjectBook.open(options));
  } finally {
    rmSync(own, { recursive: true, force: true });
  }
}

test("a share is of what is answered without an error; with a time, of what is answered within it", () => {
  assert.equal(promised("99.9"), ["shop.user.availability 0.999"]);
  assert.equal(promised(" 99.95 % "), ["shop.user.availability 0.9995"]);
  assert.equal(promised("99 under 300ms"), ["shop.user.latency 0.99 300"]);
  const both = ["shop.user.availability 0.999", "shop.user.latency 0.99 1500"];
  for (const text of ["99.9, 99 under 1.5s", "99.9;99%  under  1.5s;", "99.9\n99 under 1.5s\n"]) {
    assert.equal(promised(text), both, text);
  }
});

test("what is wrong is told with what to write, and nothing of it holds", () => {
  const wrong: [string, RegExp][] = [
    ["99.9 for all", /of shop\/user: "99.9 for all" is no objective; write 99\.9 for the percent .*or 99 under 300ms/],
    ["p99 < 300ms", /write 99 under 300ms$/],
    ["99.9, p99.9 under 1s", /write 99\.9 under 1s$/],
    ["0.999", /so write 99\.9/],
    ["100", /leaves no budget/],
    ["99 under 300", /300 of what\? Write the unit/],
    ["99 under 2h", /2h must be from 1ms to 1h/],
    ["99.9, 99.5", /states availability twice/],
    ["99 under 1s; 90 under 100ms", /states latency twice/],
    [" ,", /says nothing; write/],
    ["9".repeat(300), /longer than 256 characters/],
  ];
  for (const [text, message] of wrong) {
    assert.match(refusal(text), message, text);
    assert.match(refusal(text), "the annotation sidelight.dev/slo of shop/user: ");
    assert.equal(promised(text), [], text);
  }
});

test("what is shown can be applied as it stands, and means the same", () => {
  const slos = slosOf({ "shop/user": "99.9, 99 under 300ms" });
  for (const [at, { yaml }] of slos.shown.entries()) {
    const { objects, problems } = readObjects(yaml, ALERTING_KINDS);
    assert.equal(problems.map(problemLine), []);
    assert.equal(expand(objects), expand([slos.objects[at]!]));
  }
});

test("names are names, and no two workloads share one", () => {
  const ids = ["shop/user", "Shop/user", "shop/us_er", "shop/us.er", "a.b/c", "a/b.c", `shop/${"x".repeat(250)}`];
  const slos = slosOf(Object.fromEntries(ids.map((id) => [id, "99 under 1s, 99.9"])));
  assert.is(new Set(slos.objects.map(({ name }) => name)).size, 2 * ids.length);
  for (const { yaml } of slos.shown) assert.equal(readObjects(yaml, ALERTING_KINDS).problems.map(problemLine), []);
});

test("they stand beside the other objects, and one that somebody states under the same name goes before", async () => {
  const slos = slosOf({ "shop/orders": "nearly all", "shop/user": "99.5" });
  await inBook(slos, (book) => {
    const shown = () => book.shown().filter(({ name }) => name.startsWith("shop."));
    assert.equal(
      shown().map(({ name, origin, error }) => [name, origin, error === ""]),
      [
        ["shop.user.availability", "annotation", true],
        ["shop.orders", "annotation", false],
      ],
    );
    assert.ok(book.inForce().some(({ name }) => name === "shop.user.availability"));
    const { yaml } = shown()[0]!;
    assert.equal(book.apply(yaml.replace("99.5", "98"), false).problems, []);
    assert.equal(
      shown().map(({ origin, yaml: text }) => [origin, text.includes("98")]),
      [
        ["api", true],
        ["annotation", false],
      ],
    );
    const rules = expand(book.inForce()).rules as BurnRule[];
    assert.is(rules.find(({ name }) => name === "shop.user.availability")?.objective, 0.98);
  });
});

test("the default leaves a workload to its own objective, and fires for the others", () => {
  const slos = slosOf({ "shop/user": "90" });
  const rules = slos.leftTo([burn(), ...expand(slos.objects).rules]);
  const asked = ["shop/user", "shop/orders"].map((server) => ({ server, good: 95, failed: 5 }));
  const bench = new Bench(rules).run(370, ...asked);
  const { engine } = bench;
  assert.equal(engine.refused, []);
  assert.equal(
    engine
      .objectives()
      .map(({ slo, labels, objective }) => [slo, labels["workload"], objective])
      .sort(),
    [
      ["availability", "shop/orders", 0.999],
      ["shop.user.availability", "shop/user", 0.9],
    ],
  );
  assert.equal([...new Set(engine.alerts().map(({ labels }) => labels["workload"]))], ["shop/orders"]);
});

test("only a default of what is stated leaves the workload, whoever states the default", () => {
  const slos = slosOf({ "shop/user": "99 under 1s" });
  const latency = burn({ name: "latency", indicator: { kind: "latency", overMs: 500 } });
  const other = burn({ name: "latency", indicator: { kind: "errors" } });
  assert.equal(
    slos.leftTo([burn(), latency, other]).map(({ except }) => except),
    [undefined, ["shop/user"], undefined],
  );
});

test("annotations that change are read again, and it is known whether they did", () => {
  const texts = new Map([["shop/user", "99"]]);
  const slos = new AnnotatedSlos(() => new Map(texts));
  assert.is(slos.refresh(), false);
  texts.set("shop/user", "98");
  assert.is(slos.refresh(), true);
  assert.match(slos.shown[0]!.yaml, "objective: 98");
  texts.clear();
  assert.is(slos.refresh(), true);
  assert.equal([slos.shown, slos.leftTo([burn()])], [[], [burn()]]);
});

test.run();
