/**
 * Compares what is counted in other people's captures with what is expected of each, and that with what tshark says in their
 * index. Where the two differ the row says why.
 */
import { test } from "uvu";
import * as assert from "uvu/assert";

import { captures, readCorpus } from "../corpus.ts";
import type { Capture } from "../corpus.ts";
import { figuresOf } from "../reading.ts";

/** Requests, responses, and why these are not what tshark counts, where they are not. */
export type Row = readonly [requests: number, responses: number, why?: string];

interface Comparison {
  readonly protocol: string;
  readonly rows: Readonly<Record<string, Row>>;
  /** Requests and responses in what tshark counted of a capture; undefined where it does not tell. */
  readonly ofTshark: (counts: Capture["tshark"]) => readonly [number?, number?];
}

/** Adds a test a capture that holds the protocol, and one over all that do not. */
export function compareWithCorpus({ protocol, rows, ofTshark }: Comparison): void {
  if (captures.length === 0) return test.skip(`${protocol}: captures of other people`);
  const countsOf = (capture: Capture): readonly [number, number] => {
    const figures = figuresOf(readCorpus(capture), protocol);
    return [figures.requests, figures.responses];
  };
  for (const capture of captures.filter(({ file }) => rows[file])) {
    const [requests, responses, why] = rows[capture.file]!;
    test(`${protocol}: ${capture.file}${why ? ` (${why})` : ""}`, () => {
      assert.equal(countsOf(capture), [requests, responses]);
      const told = ofTshark(capture.tshark);
      const isSame = requests === (told[0] ?? requests) && responses === (told[1] ?? responses);
      assert.is(isSame, why === undefined, `tshark counts ${told.join(" and ")}`);
    });
  }
  test(`${protocol}: nothing is found in all the others, and each row has its capture`, () => {
    const others = captures.filter(({ file }) => !rows[file]);
    assert.is(others.length + Object.keys(rows).length, captures.length);
    const found = others
      .map((capture) => [capture.file, ...countsOf(capture)])
      .filter(([, ...counts]) => counts.join() !== "0,0");
    assert.equal(found, []);
  });
}
