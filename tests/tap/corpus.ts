/**
 * Other people's captures (`corpus` in the shared folder), read by the module, beside what tshark 4.0 counts in them. Captures
 * that are counted otherwise stand in a test's table with the reason.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { test } from "uvu";

import type { TapDocument } from "../../tap/document.ts";
import { CHUNK_BYTES } from "../../tap/module.ts";
import { read } from "./reading.ts";
import { sharedPath } from "./shared.ts";

export interface Capture {
  readonly file: string;
  /** What tshark counts, by what it is called in index.json. */
  readonly tshark: Readonly<Record<string, number | Readonly<Record<string, number>>>>;
}

const folder = sharedPath("corpus");

/** All captures; none where the corpus is not there, about which a word was said. */
export const captures: readonly Capture[] = folder
  ? (JSON.parse(readFileSync(join(folder, "index.json"), "utf8")) as Capture[])
  : [];

const documents = new Map<string, TapDocument>();

/** What a capture comes to. It is read once. */
export function readCorpus({ file }: Capture): TapDocument {
  const known = documents.get(file);
  if (known) return known;
  const bytes = readFileSync(join(folder!, file));
  const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b;
  const document = read(isGzip ? gunzipSync(bytes) : bytes, CHUNK_BYTES);
  documents.set(file, document);
  return document;
}

/** A test over all captures, skipped where they are not there. */
export function overCorpus(name: string, work: () => void): void {
  if (captures.length > 0) test(name, work);
  else test.skip(name);
}

/** A count of tshark's, 0 where it has none. */
export function countOf({ tshark }: Capture, name: string): number {
  const count = tshark[name];
  return typeof count === "number" ? count : 0;
}

/** Counts of tshark's by a value, such as a status. */
export function countsOf({ tshark }: Capture, name: string): Readonly<Record<string, number>> {
  const counts = tshark[name];
  return typeof counts === "object" ? counts : {};
}

/** Which captures are not what is expected of them, as lines. */
export function differences(figuresOf: (capture: Capture) => { found: unknown; expected: unknown }): string[] {
  return captures.flatMap((capture) => {
    const { found, expected } = figuresOf(capture);
    const [a, b] = [JSON.stringify(found), JSON.stringify(expected)];
    return a === b ? [] : [`${capture.file}: ${a} where ${b} is expected`];
  });
}
