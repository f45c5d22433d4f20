/**
 * A latency histogram in one string field: bucket indexes in ascending order, each after the first as the distance to the
 * one before, and "x" and the count where it is not 1. "640x3 15 47" is three values in bucket 640, one in 655, one in 702.
 *
 * A field for each bucket was the other way; docs/decisions/0054 has the measurement.
 */
import type { Buckets } from "../../world/histogram.ts";

/** The text of a histogram. */
export function pack(buckets: Buckets): string {
  let text = "";
  let before = 0;
  for (let at = 0; at < buckets.length; at += 2) {
    const count = buckets[at + 1]!;
    if (!Number.isSafeInteger(count)) throw new Error(`A bucket's count must be a whole number, not ${count}`);
    text += `${at === 0 ? "" : " "}${buckets[at]! - before}${count === 1 ? "" : `x${count}`}`;
    before = buckets[at]!;
  }
  return text;
}

/** The histogram of a text. */
export function unpack(text: string): number[] {
  const buckets: number[] = [];
  let index = 0;
  let number = 0;
  let isCount = false;
  let count = 1;
  for (let at = 0; at <= text.length; at++) {
    const code = at < text.length ? text.charCodeAt(at) : SPACE;
    if (code === SPACE) {
      if (isCount) count = number;
      else index += number;
      buckets.push(index, count);
      number = 0;
      isCount = false;
      count = 1;
    } else if (code === TIMES) {
      index += number;
      number = 0;
      isCount = true;
    } else {
      number = number * 10 + code - ZERO;
    }
  }
  return text === "" ? [] : buckets;
}

const SPACE = 0x20;
const TIMES = 0x78;
const ZERO = 0x30;
