/**
 * Latencies beside those of tshark, which reads the same requests out of the same packets (`http.time`). TSHARK_BIN names tshark where it
 * is not on PATH; without it, or the capture, this is skipped. It takes tshark a minute.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";

import { findProgram } from "../../provision/find-program.ts";
import { CHUNK_BYTES } from "../../tap/module.ts";
import { figuresOf, read } from "../tap/reading.ts";
import { unpackedCapture } from "../tap/unpacked.ts";

const tshark = process.env["TSHARK_BIN"] ?? findProgram("tshark");
const capture = tshark ? unpackedCapture("http1") : undefined;
if (!tshark) process.stdout.write("skipped: there is no tshark on PATH, and TSHARK_BIN names none\n");

/** Milliseconds from the last segment of each request to that of its answer, the shortest first. */
function timesOf(bytes: Buffer): number[] {
  const folder = mkdtempSync(join(tmpdir(), "sidelight-latencies-"));
  try {
    const file = join(folder, "capture.pcap");
    writeFileSync(file, bytes);
    const words = ["-n", "-r", file, "-Y", "http.time", "-T", "fields", "-e", "http.time"];
    const told = execFileSync(tshark!, words, { maxBuffer: 2 ** 26, stdio: ["ignore", "pipe", "ignore"] });
    const seconds = told.toString().trim().split(/[\n,]/).map(Number);
    return seconds.map((value) => value * 1000).sort((a, b) => a - b);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const NAME = "p50, p95 and p99 of HTTP are within 1 % of tshark's response times";

if (capture) test(NAME, () => compare(capture));
else test.skip(NAME);

function compare(bytes: Buffer): void {
  const theirs = timesOf(bytes);
  const { latencyMs, responses } = figuresOf(read(bytes, CHUNK_BYTES), "http");
  assert.is(theirs.length, responses);
  for (const [name, quantile] of [
    ["p50", 0.5],
    ["p95", 0.95],
    ["p99", 0.99],
  ] as const) {
    const expected = theirs[Math.ceil(theirs.length * quantile) - 1]!;
    const found = latencyMs[name]!;
    assert.ok(Math.abs(found - expected) <= expected * 0.01, `${name}: ${found} ms, and ${expected} by tshark`);
  }
}

test.run();
