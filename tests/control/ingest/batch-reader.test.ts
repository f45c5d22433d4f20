/** Texts of batches that come again and again are read once, and no other text is ever taken for one of them. */
import { BinaryWriter } from "@bufbuild/protobuf/wire";
import { test } from "uvu";
import * as assert from "uvu/assert";

import { BatchReader } from "../../../control/ingest/batch-reader.ts";
import { randomOf } from "../world/random.ts";

function written(texts: readonly string[]): Uint8Array {
  const writer = new BinaryWriter();
  for (const text of texts) writer.string(text);
  return writer.finish();
}

function read(bytes: Uint8Array, count: number): string[] {
  const reader = new BatchReader(bytes);
  return Array.from({ length: count }, () => reader.string());
}

test("each text is read as it was written, however often and whatever came before", () => {
  const random = randomOf(5);
  const letters = ["a", "b", "/", "é", "ÿ", "\u0080", "漢", "😀", "\ufffd", "\0"];
  const some = Array.from({ length: 30_000 }, () => {
    return Array.from({ length: Math.floor(random() * 9) }, () => letters[Math.floor(random() * letters.length)]).join(
      "",
    );
  });
  const long = ["x".repeat(128), "x".repeat(129), "y".repeat(5_000), ""];
  const texts = [...some, ...long, ...some.slice(0, 500), ...long];
  assert.equal(read(written(texts), texts.length), texts);
});

test("bytes that are no UTF-8 are read as before, next to texts that have the same bytes as characters", () => {
  const bytes = Buffer.from([2, 0xc3, 0xbf, 1, 0xff, 1, 0xff, 2, 0xff, 0xfe, 2, 0xc3, 0xbf]);
  assert.equal(read(bytes, 5), ["ÿ", "\ufffd", "\ufffd", "\ufffd\ufffd", "ÿ"]);
});

test("a text that ends behind its bytes is an error, known or not", () => {
  read(written(["GET"]), 1);
  for (const length of [4, 200, 0x7f]) {
    const cut = Buffer.concat([Buffer.from([length & 0x7f]), Buffer.from("GET")]);
    assert.throws(() => read(cut, 1), /premature EOF/);
  }
});

test.run();
