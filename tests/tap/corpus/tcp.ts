import * as assert from "uvu/assert";

import { countOf, differences, overCorpus, readCorpus } from "../corpus.ts";

/** Connections where they are not the streams of tshark, and why. */
const OTHERWISE: Readonly<Record<string, readonly [connections: number, reason: string]>> = {
  "PcapPlusPlus/Tests/Packet++Test/PacketExamples/tcp-malformed.pcap": [0, "its header contradicts itself"],
  "zeek/testing/btest/Traces/tcp/rst-inject-rae.pcap": [2, "it is refused by an injected RST, and answered after it"],
};

overCorpus("connections are those that tshark tells apart, but where it is said why not", () => {
  const different = differences((capture) => {
    const tcp = readCorpus(capture).protocols["tcp"];
    const found = tcp && "connections" in tcp ? tcp.connections : 0;
    return { found, expected: OTHERWISE[capture.file]?.[0] ?? countOf(capture, "tcp_streams") };
  });
  assert.equal(different, []);
});
