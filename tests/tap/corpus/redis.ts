import * as assert from "uvu/assert";

import { countOf, differences, overCorpus, readCorpus } from "../corpus.ts";
import { figuresOf } from "../reading.ts";

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

overCorpus("commands are those that tshark sees, but where it is said why not", () => {
  const different = differences((capture) => {
    const { requests } = figuresOf(readCorpus(capture), "redis");
    const theirs = [countOf(capture, "redis_cmd")];
    return { found: [requests], expected: OTHERWISE[capture.file]?.slice(0, 1) ?? theirs };
  });
  assert.equal(different, []);
});
