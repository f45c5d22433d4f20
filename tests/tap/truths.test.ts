/** Captures of real servers whose own logs say what was asked of them. */
import { spawnSync } from "node:child_process";
import { test } from "uvu";
import * as assert from "uvu/assert";

import { figuresOf, read, tcpOf } from "./reading.ts";
import { sharedPath } from "./shared.ts";

const packed = sharedPath("captures/http1.pcap.zst");

/** What the capture holds, unpacked by zstd; undefined where there is no such program. */
function unpacked(path: string): Buffer | undefined {
  const zstd = spawnSync("zstd", ["-dcq", path], { maxBuffer: 2 ** 30 });
  if (zstd.status === 0) return zstd.stdout;
  process.stdout.write("skipped: there is no zstd to unpack captures with\n");
  return undefined;
}

const capture = packed === undefined ? undefined : unpacked(packed);
const scenario = (name: string, work: () => void): void => (capture ? test(name, work) : test.skip(name));

scenario("http1: every request that nginx logged is counted, under its outcome", () => {
  const document = read(capture!, 4 * 1024 * 1024);
  const http = figuresOf(document, "http");
  assert.is(http.requests, 194_348);
  assert.is(http.responses, 194_348);
  assert.equal(http.statuses, { 200: 145_763, 201: 19_434, 204: 9_717, 301: 8_745, 404: 9_717, 500: 972 });
  const good = 145_763 + 19_434 + 9_717 + 8_745;
  assert.equal(http.outcomes, { success: good, clientError: 9_717, serverError: 972, notReached: 0, noAnswer: 0 });
  assert.equal(document.losses, {});
  assert.is(tcpOf(document).failed, 0);
});

test.run();
