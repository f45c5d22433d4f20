import { test } from "uvu";
import * as assert from "uvu/assert";
import { painter } from "../../../control/cli/style.ts";
import { type Column, layOut, printable } from "../../../control/cli/table.ts";

interface Row {
  readonly name: string;
  readonly rate: string;
  readonly note: string;
}

const columns: Column<Row>[] = [
  { title: "NAME", align: "left", optional: 0, shrinks: true, cell: ({ name }) => ({ text: name }) },
  { title: "RATE", align: "right", optional: 0, cell: ({ rate }) => ({ text: rate, colour: "red" }) },
  { title: "NOTE", align: "left", optional: 1, cell: ({ note }) => ({ text: note }) },
];
const rows: Row[] = [
  { name: "front-end", rate: "40/s", note: "" },
  { name: "a-workload-with-a-long-name", rate: "1.2k/s", note: "busy" },
];
const plain = painter(false);

test("aligns text left and figures right", () => {
  assert.equal(layOut(columns, rows, { width: Infinity, paint: plain }), [
    "NAME                           RATE  NOTE",
    "front-end                      40/s  ",
    "a-workload-with-a-long-name  1.2k/s  busy",
  ]);
});

test("gives up optional columns first, then cuts long names and never short ones", () => {
  assert.equal(layOut(columns, rows, { width: 36, paint: plain }), [
    "NAME                           RATE",
    "front-end                      40/s",
    "a-workload-with-a-long-name  1.2k/s",
  ]);
  assert.equal(layOut(columns, rows, { width: 20, paint: plain }), [
    "NAME            RATE",
    "front-end       40/s",
    "a-workload-…  1.2k/s",
  ]);
});

test("no line is wider than the terminal while there is room for the shortest names", () => {
  for (let width = 16; width < 60; width++) {
    for (const line of layOut(columns, rows, { width, paint: plain })) assert.ok([...line].length <= width, `${width}`);
  }
});

test("colours change nothing but the colour", () => {
  const painted = layOut(columns, rows, { width: 60, paint: painter(true) });
  assert.ok(painted[1]!.includes("\x1b[31m"));
  // eslint-disable-next-line no-control-regex
  const bare = painted.map((line) => line.replace(/\x1b\[\d+m/g, ""));
  assert.equal(bare, layOut(columns, rows, { width: 60, paint: plain }));
});

test("names from the network cannot steer the terminal", () => {
  assert.is(printable("GET /\x1b[2J\x07\n\u009b31m\u202eevil"), "GET /\ufffd[2J\ufffd\ufffd\ufffd31m\ufffdevil");
  const hostile = [{ name: "a\x1b]0;owned\x07", rate: "0", note: "" }];
  const text = layOut(columns, hostile, { width: 80, paint: plain }).join("\n");
  assert.not.ok(text.includes("\x1b") || text.includes("\x07"));
});

test.run();
