/** What is said of a capture that is read from a file. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { test } from "uvu";
import * as assert from "uvu/assert";

import { DocumentSums } from "../../tap/document.ts";
import { CaptureError, readFileInto } from "../../tap/file.ts";
import { Connection, pcap, pcapng } from "./packets.ts";
import { tcpOf } from "./reading.ts";

const folder = mkdtempSync(join(tmpdir(), "sidelight-tap-"));
test.after(() => rmSync(folder, { recursive: true }));

async function readBytes(name: string, bytes: Buffer) {
  const file = join(folder, name);
  writeFileSync(file, bytes);
  const sums = new DocumentSums();
  const warnings = await readFileInto(file, sums);
  return { document: sums.document(), warnings: warnings.map((warning) => warning.replace(file, "It")) };
}

const { packets } = new Connection().open().close();

function withLink(capture: Buffer, type: number): Buffer {
  const changed = Buffer.from(capture);
  changed.writeUInt16LE(type, 20);
  return changed;
}

test("nothing is said of a capture that is whole and of a kind that is known", async () => {
  const { document, warnings } = await readBytes("whole.pcap", pcap(packets));
  assert.equal([warnings, tcpOf(document).connections], [[], 1]);
  assert.not("linkTypesUnknown" in document);
});

test("link layers that are not known are named, in words and in the document", async () => {
  for (const [type, name] of [
    [127, "IEEE802_11_RADIOTAP (127)"],
    [147, "USER0 (147)"],
    [999, "999"],
  ] as const) {
    const { document, warnings } = await readBytes("link.pcap", withLink(pcap(packets), type));
    assert.equal(document.losses, { linkTypeUnknown: packets.length });
    assert.equal(document.linkTypesUnknown, { [name]: packets.length });
    assert.equal(warnings, [
      `It has packets of link layers that are not known, and are not read (${name}: ${packets.length})`,
    ]);
  }
});

test("of a pcapng with many interfaces the first eight unknown ones are named, and the others are read", async () => {
  const frames = ["ethernet", ...Array.from({ length: 10 }, () => "raw")];
  const many = Array.from({ length: 22 }, () => packets[0]!);
  const capture = pcapng(many, frames);
  // A section has 28 bytes, an interface 32; its type stands behind the first eight.
  for (let i = 1; i < frames.length; i++) capture.writeUInt16LE(600 + i, 28 + 32 * i + 8);
  const { document } = await readBytes("links.pcapng", gzipSync(capture));
  assert.is(document.losses["linkTypeUnknown"], 20);
  const named = Array.from({ length: 8 }, (_, i) => [String(601 + i), 2]);
  assert.equal(document.linkTypesUnknown, Object.fromEntries(named));
  assert.is(tcpOf(document).connections, 1);
});

test("a capture that breaks off is counted as far as it goes, and that is said", async () => {
  const capture = pcap(packets);
  const cut = await readBytes("cut.pcap", capture.subarray(0, capture.length - 3));
  assert.equal(cut.warnings, ["It breaks off within a record; what comes before that is counted"]);
  assert.is(tcpOf(cut.document).connections, 1);
  const packed = gzipSync(capture);
  const { warnings } = await readBytes("cut.pcap.gz", packed.subarray(0, packed.length - 12));
  assert.equal(warnings, ["It breaks off within its compressed data; what comes before that is counted"]);
});

test("what is no capture is refused by name", async () => {
  for (const text of ["", "no capture at all, but a text"]) {
    const file = join(folder, "text");
    writeFileSync(file, text);
    try {
      await readFileInto(file, new DocumentSums());
      assert.unreachable();
    } catch (error) {
      assert.instance(error, CaptureError);
      assert.ok((error as Error).message.startsWith(`${file} is no capture: `), (error as Error).message);
    }
  }
});

test.run();
