import { test } from "uvu";
import * as assert from "uvu/assert";

import { atLeast, atMost, measured } from "../../bench/harness.ts";
import { markdown } from "../../bench/markdown.ts";
import { interleaved, rotated } from "../../bench/rounds.ts";

const date = "2026-01-02";

function row(...figures: Parameters<typeof markdown>[0]["figures"]): string {
  return markdown({ name: "x", figures }, date).split("\n")[6] ?? "";
}

test("a goal is met or missed by the value itself", () => {
  assert.equal(atMost("a", 2, 2, "ms"), { what: "a", value: 2, unit: "ms", goal: "<= 2 ms", met: true });
  assert.is(atMost("a", 2.01, 2, "ms").met, false);
});

test("a lower goal is met from itself on", () => {
  assert.equal(atLeast("a", 2, 2, "x"), { what: "a", value: 2, unit: "x", goal: ">= 2 x", met: true });
  assert.is(atLeast("a", 1.99, 2, "x").met, false);
  const near = atLeast("a", { value: 1.1, low: 0.9, high: 1.2 }, 1, "x");
  assert.equal([near.met, near.undecided], [true, true]);
});

test("a goal within the spread is undecided, on either side of it", () => {
  const near = atMost("a", { value: 0.9, low: 0.8, high: 1.1 }, 1, "x");
  assert.equal([near.met, near.undecided, near.spread], [true, true, [0.8, 1.1]]);
  const over = atMost("a", { value: 1.05, low: 0.9, high: 1.2 }, 1, "x");
  assert.equal([over.met, over.undecided], [false, true]);
  const clear = atMost("a", { value: 0.5, low: 0.4, high: 0.6 }, 1, "x");
  assert.not.ok("undecided" in clear);
});

test("the table tells spread, noise and doubt", () => {
  assert.is(row(measured("a", 3, "")), "| a | 3 |  |  |");
  assert.is(row(measured("a", { value: 5.125, low: 4.9, high: 5.3 }, "us")), "| a | 5.13 us (4.90 to 5.30) |  |  |");
  assert.is(row(measured("a", { value: 0.5, low: -1, high: 2 }, "us")), "| a | 0.500 us (-1 to 2, noise) |  |  |");
  const near = atMost("a", { value: 0.9, low: 0.8, high: 1.1 }, 1, "x");
  assert.is(row(near), "| a | 0.900 x (0.800 to 1.10) | <= 1 x | yes, within the spread |");
  assert.is(row(measured("a", 12345.6, "/s")), "| a | 12346 /s |  |  |");
});

test("figures of one table stand in rows and columns, and what was not measured is left empty", () => {
  const at = (row: string, column: string) => ({ cell: { table: "Time, us", row, column } });
  const figures = [
    { ...atMost("a", { value: 0.5, low: 0.4, high: 0.6 }, 1, "x"), ...at("small", "proxy") },
    { ...measured("b", { value: 5.125, low: 4.9, high: 5.3 }, "us"), ...at("small", "receiver") },
    { ...measured("c", 7, "us"), ...at("large", "receiver") },
    measured("d", 1, "MiB"),
  ];
  const lines = markdown({ name: "x", figures }, date).split("\n").slice(4);
  assert.equal(lines, [
    ...["### Time, us", ""],
    ...["|  | proxy | receiver |", "| --- | --- | --- |"],
    "| small | 0.500 (0.400 to 0.600): yes | 5.13 (4.90 to 5.30) |",
    ...["| large |  | 7 |", ""],
    ...["| figure | value | goal | met |", "| --- | --- | --- | --- |", "| d | 1 MiB |  |  |", ""],
  ]);
});

test("each round has every variant once and begins with another", async () => {
  const order: string[] = [];
  const samples = await interleaved(["a", "b", "c"], 4, (variant, round) => {
    order.push(`${variant}${round}`);
    return Promise.resolve(round * 10);
  });
  assert.is(order.join(" "), "a0 b0 c0 b1 c1 a1 c2 a2 b2 a3 b3 c3");
  assert.equal(samples.get("b"), [0, 10, 20, 30]);
  assert.equal(rotated([], 3), []);
});

test.run();
