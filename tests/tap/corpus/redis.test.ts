import { spawnSync } from "node:child_process";
import { test } from "uvu";
import * as assert from "uvu/assert";

import { captures, countOf, differences, readCorpus } from "../corpus.ts";
import { figuresOf, read } from "../reading.ts";
import { sharedPath } from "../shared.ts";
const INLINE = "tshark knows no inline commands";

/** Requests where they are not those of tshark, and why. */
const OTHERWISE: Readonly<Record<string, readonly [requests: number, reason: string]>> = {
  "tcpdump/tests/resp_4_infiniteloop.pcapng": [0, "an array of a negative size is no command"],
  "zeek/testing/btest/Traces/redis/almost-resp.pcap": [2, INLINE],
  "zeek/testing/btest/Traces/redis/attr.pcap": [2, INLINE],
  "zeek/testing/btest/Traces/redis/excessive-pipelining.pcap": [12, INLINE],
  "zeek/testing/btest/Traces/redis/pipeline-quotes.pcap": [8, INLINE],
  "zeek/testing/btest/Traces/redis/pipeline-with-commands.pcap": [4, INLINE],
  "zeek/testing/btest/Traces/redis/pipelining-example.pcap": [3, INLINE],
  "zeek/testing/btest/Traces/redis/pubsub.pcap": [7, INLINE],
  "zeek/testing/btest/Traces/redis/reply-off-on-2conn.pcap": [6, INLINE],
};

const scenario = (name: string, work: () => void): void => (captures.length > 0 ? test(name, work) : test.skip(name));

scenario("commands are those that tshark sees, but where it is said why not", () => {
  const different = differences((capture) => {
    const { requests } = figuresOf(readCorpus(capture), "redis");
    const theirs = [countOf(capture, "redis_cmd")];
    return { found: [requests], expected: OTHERWISE[capture.file]?.slice(0, 1) ?? theirs };
  });
  assert.equal(different, []);
});

const packed = sharedPath("captures/redis.pcap.zst");
const zstd = packed === undefined ? undefined : spawnSync("zstd", ["-dcq", packed], { maxBuffer: 2 ** 30 });
if (zstd?.error) process.stdout.write("skipped: there is no zstd to unpack captures with\n");
const exactly = (name: string, work: () => void): void => (zstd?.status === 0 ? test(name, work) : test.skip(name));

exactly("every command that the server's own counters have is counted, and both errors", () => {
  const document = read(zstd!.stdout, 4 * 1024 * 1024);
  const { requests, responses, outcomes } = figuresOf(document, "redis");
  assert.equal([requests, responses], [180_010, 180_010]);
  assert.equal(outcomes, { success: 180_008, clientError: 2, serverError: 0, notReached: 0, noAnswer: 0 });
  assert.equal(document.losses, {});
});

test.run();
