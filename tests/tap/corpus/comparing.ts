/**
 * Compares what is counted in other people's captures with what is expected of each, and that with what tshark says in their
 * index. Where the two differ the row says why.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { test } from "uvu";
import * as assert from "uvu/assert";

import { figuresOf, read } from "../reading.ts";
import { sharedPath } from "../shared.ts";

/** Requests, responses, and why these are not what tshark counts, where they are not. */
export type Row = readonly [requests: number, responses: number, why?: string];

interface Comparison {
  readonly protocol: string;
  readonly rows: Readonly<Record<string, Row>>;
  /** Requests and responses in what tshark counted of a capture; undefined where it does not tell. */
  readonly ofTshark: (counts: Readonly<Record<string, unknown>>) => readonly [number?, number?];
}

interface Capture {
  readonly file: string;
  readonly tshark: Readonly<Record<string, unknown>>;
}

/** Adds a test a capture that holds the protocol, and one over all that do not. */
export function compareWithCorpus({ protocol, rows, ofTshark }: Comparison): void {
  const folder = sharedPath("corpus");
  if (folder === undefined) return test.skip(`${protocol}: captures of other people`);
  const captures = JSON.parse(readFileSync(join(folder, "index.json"), "utf8")) as readonly Capture[];
  const countsOf = (file: string): readonly [number, number] => {
    const bytes = readFileSync(join(folder, file));
    const figures = figuresOf(read(bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes), protocol);
    return [figures.requests, figures.responses];
  };
  for (const { file, tshark } of captures.filter(({ file }) => rows[file])) {
    const [requests, responses, why] = rows[file]!;
    test(`${protocol}: ${file}${why ? ` (${why})` : ""}`, () => {
      assert.equal(countsOf(file), [requests, responses]);
      const told = ofTshark(tshark);
      const isSame = requests === (told[0] ?? requests) && responses === (told[1] ?? responses);
      assert.is(isSame, why === undefined, `tshark counts ${told.join(" and ")}`);
    });
  }
  test(`${protocol}: nothing is found in all the others, and each row has its capture`, () => {
    const others = captures.filter(({ file }) => !rows[file]);
    assert.is(others.length + Object.keys(rows).length, captures.length);
    const found = others
      .map(({ file }) => [file, ...countsOf(file)])
      .filter(([, ...counts]) => counts.join() !== "0,0");
    assert.equal(found, []);
  });
}
