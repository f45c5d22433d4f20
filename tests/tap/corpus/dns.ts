import * as assert from "uvu/assert";

import { countOf, differences, overCorpus, readCorpus } from "../corpus.ts";
import { figuresOf } from "../reading.ts";

const RANDOM = "they are random bytes";

/** Requests and answers where they are not those of tshark, and why. */
const OTHERWISE: Readonly<Record<string, readonly [requests: number, responses: number, reason: string]>> = {
  "PcapPlusPlus/Tests/Packet++Test/PacketExamples/DnsTooManyResources.pcap": [0, 0, RANDOM],
  "suricata-verify/tests/bug-5633-gre-02/gre-sample.pcap": [
    2,
    0,
    "two of the four are within messages of ICMP about the others",
  ],
  "suricata-verify/tests/dns-udp-junkrequest-first/input.pcap": [1, 1, "SNMP on port 53, and the error about it"],
  "tcpdump/tests/dns-badlabel.pcap": [0, 0, RANDOM],
  "tcpdump/tests/dns_fwdptr.pcap": [0, 0, RANDOM],
  "tcpdump/tests/dns_tcp_8053.pcap": [1, 1, "tshark goes by the port"],
  "zeek/testing/btest/Traces/communityid/icmp6.pcap": [0, 0, "the packet is one within a message of ICMP"],
};

overCorpus("queries and answers are those that tshark sees, but where it is said why not", () => {
  const different = differences((capture) => {
    const { requests, responses } = figuresOf(readCorpus(capture), "dns");
    const theirs = [countOf(capture, "dns_query"), countOf(capture, "dns_resp")];
    return { found: [requests, responses], expected: OTHERWISE[capture.file]?.slice(0, 2) ?? theirs };
  });
  assert.equal(different, []);
});
