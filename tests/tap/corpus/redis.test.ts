import { spawnSync } from "node:child_process";
import { test } from "uvu";
import * as assert from "uvu/assert";

import { figuresOf, read } from "../reading.ts";
import { sharedPath } from "../shared.ts";
import { compareWithCorpus } from "./comparing.ts";

const zeek = "zeek/testing/btest/Traces/redis";
const inline = "tshark knows no inline commands";

compareWithCorpus({
  protocol: "redis",
  rows: {
    "beats/packetbeat/tests/system/pcaps/redis_one_transaction.pcap": [1, 1],
    "beats/packetbeat/tests/system/pcaps/redis_session.pcap": [11, 11],
    "deepflow/agent/resources/test/flow_generator/redis/redis-debug.pcap": [1, 1],
    "tcpdump/tests/resp_4_infiniteloop.pcapng": [0, 0, "an array of a negative size is no command"],
    [`${zeek}/almost-resp.pcap`]: [2, 2, inline],
    [`${zeek}/attr.pcap`]: [2, 2, inline],
    [`${zeek}/auth.pcap`]: [3, 3],
    [`${zeek}/django-cloud.pcapng`]: [158, 158],
    [`${zeek}/excessive-pipelining.pcap`]: [12, 12, inline],
    [`${zeek}/large-requests-responses.pcap`]: [5, 5],
    [`${zeek}/pipeline-quotes.pcap`]: [8, 7, inline],
    [`${zeek}/pipeline-with-commands.pcap`]: [4, 4, inline],
    [`${zeek}/pipelining-example.pcap`]: [3, 3, inline],
    [`${zeek}/pubsub-resp3.pcap`]: [10, 10],
    [`${zeek}/pubsub.pcap`]: [7, 7, inline],
    [`${zeek}/reply-off-on-2conn.pcap`]: [6, 6, inline],
    [`${zeek}/start-with-server.pcapng`]: [1, 1],
  },
  ofTshark: ({ redis_cmd: requests }) => [Number(requests ?? 0)],
});

const packed = sharedPath("captures/redis.pcap.zst");
const zstd = packed === undefined ? undefined : spawnSync("zstd", ["-dcq", packed], { maxBuffer: 2 ** 30 });
if (zstd?.error) process.stdout.write("skipped: there is no zstd to unpack captures with\n");
const scenario = (name: string, work: () => void): void => (zstd?.status === 0 ? test(name, work) : test.skip(name));

scenario("redis: every command that the server's own counters have is counted, and both errors", () => {
  const document = read(zstd!.stdout, 4 * 1024 * 1024);
  const { requests, responses, outcomes } = figuresOf(document, "redis");
  assert.equal([requests, responses], [180_010, 180_010]);
  assert.equal(outcomes, { success: 180_008, clientError: 2, serverError: 0, notReached: 0, noAnswer: 0 });
  assert.equal(document.losses, {});
});

test.run();
