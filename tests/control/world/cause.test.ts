import { test } from "uvu";
import * as assert from "uvu/assert";
import type { Protocol } from "../../../control/identity/observation.ts";
import { findSymptoms } from "../../../control/world/cause.ts";
import type { BadCall } from "../../../control/world/cause.ts";
import { randomOf, shuffled } from "./random.ts";

interface Bad {
  readonly errors?: number;
  readonly slow?: number;
  readonly unreachable?: boolean;
  readonly protocol?: Protocol;
}

/** A bad call "client>server" or "client>server endpoint". */
function bad(id: string, { errors = 0, slow = 0, unreachable = false, protocol = "http" }: Bad): BadCall {
  const [client = "", server = ""] = id.split(" ")[0]!.split(">");
  return { id, client, server, protocol, verdict: { health: "failing", findings: [], errors, slow, unreachable } };
}

/** The ids that are causes; everything else is a symptom. */
function causes(...calls: BadCall[]): string[] {
  const symptoms = findSymptoms(calls);
  return calls.map((call) => call.id).filter((id) => !symptoms.has(id));
}

test("a chain has its cause at the end", () => {
  const calls = ["a>b", "b>c", "c>d"].map((id) => bad(id, { errors: 50 }));
  assert.equal(causes(...calls), ["c>d"]);
  assert.equal([...findSymptoms(calls)].sort(), [
    ["a>b", ["c"]],
    ["b>c", ["d"]],
  ]);
});

test("slowness below explains errors above, and errors slowness", () => {
  assert.equal(causes(bad("a>b", { errors: 40 }), bad("b>c", { slow: 40 })), ["b>c"]);
  assert.equal(causes(bad("a>b", { slow: 40 }), bad("b>c", { errors: 40 })), ["b>c"]);
});

test("errors far beyond what the calls below can explain are a cause", () => {
  assert.equal(causes(bad("a>b", { errors: 500 }), bad("b>c", { errors: 10 })), ["a>b", "b>c"]);
  assert.equal(causes(bad("a>b", { errors: 12 }), bad("b>c", { errors: 10 })), ["b>c"], "retries and edges of time");
});

test("of two endpoints of a server only the one that the calls below can explain is a symptom", () => {
  const calls = [
    bad("a>b GET /own", { errors: 500 }),
    bad("a>b POST /hurt", { errors: 20 }),
    bad("b>c GET /broken", { errors: 20 }),
  ];
  assert.equal(causes(...calls), ["a>b GET /own", "b>c GET /broken"]);
});

test("several symptoms may not share one explanation that is too small for all", () => {
  const calls = [1, 2, 3, 4].map((n) => bad(`a>b /${n}`, { errors: 10 + n }));
  assert.equal(causes(...calls, bad("b>c", { errors: 20 })), ["a>b /4", "b>c"]);
});

test("several causes below one server explain it together", () => {
  assert.equal(causes(bad("a>b", { errors: 90 }), bad("b>c", { errors: 30 }), bad("b>d", { errors: 30 })), [
    "b>c",
    "b>d",
  ]);
});

test("what never arrived is explained by nothing below", () => {
  assert.equal(causes(bad("a>b", { errors: 50, unreachable: true }), bad("b>c", { errors: 50 })), ["a>b", "b>c"]);
});

test("a failing connection explains any number of requests", () => {
  assert.equal(causes(bad("a>b", { errors: 5_000 }), bad("b>db", { errors: 3, protocol: "tcp" })), ["b>db"]);
});

test("a cycle that something outside explains is a symptom as a whole", () => {
  assert.equal(
    causes(
      bad("a>b", { errors: 20 }),
      bad("b>a", { errors: 20 }),
      bad("a>c", { errors: 20 }),
      bad("x>b", { errors: 20 }),
    ),
    ["a>c"],
  );
});

test("a cycle by itself has its largest as the cause, and those who lead into it are symptoms", () => {
  assert.equal(causes(bad("x>a", { errors: 40 }), bad("a>b", { errors: 30 }), bad("b>a", { errors: 20 })), ["a>b"]);
});

test("a call to itself does not explain itself", () => {
  assert.equal(causes(bad("a>a", { errors: 20 })), ["a>a"]);
  assert.equal(causes(bad("a>a", { errors: 20 }), bad("a>b", { errors: 20 })), ["a>b"]);
});

test("two cycles, one above the other: the deeper one has the cause", () => {
  const ids = ["a>b", "b>a", "b>c", "c>d", "d>c"];
  assert.equal(causes(...ids.map((id) => bad(id, { errors: id === "a>b" ? 25 : 20 }))), ["c>d"]);
});

test("in any graph something is a cause, and the order of the calls does not matter", () => {
  const random = randomOf(5);
  for (let round = 0; round < 200; round++) {
    const nodes = 2 + Math.floor(random() * 6);
    const ids = new Set<string>();
    for (let edge = 0; edge < 3 * nodes; edge++) {
      ids.add(`n${Math.floor(random() * nodes)}>n${Math.floor(random() * nodes)}`);
    }
    const calls = [...ids].map((id) =>
      bad(id, { errors: 3 + Math.floor(random() * 50), unreachable: random() < 0.05 }),
    );
    const found = causes(...calls).sort();
    assert.ok(found.length > 0);
    assert.equal(causes(...shuffled(calls, random)).sort(), found);
  }
});

test("thousands of bad calls in one cycle take no noticeable time", () => {
  const size = 5_000;
  const calls = Array.from({ length: size }, (_, at) => bad(`n${at}>n${(at + 1) % size}`, { errors: 20 }));
  assert.is(causes(...calls).length, 1);
});

test.run();
