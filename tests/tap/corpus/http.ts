import * as assert from "uvu/assert";

import { countOf, countsOf, differences, overCorpus, readCorpus } from "../corpus.ts";
import { figuresOf } from "../reading.ts";

const STALLS = "tshark says nothing of what comes after a gap";
const UNCHUNKED = "the body of the answer is not in chunks, as its head says, and tshark waits for the first of them";
const SHORT = "the body of the answer ends before its head says that it does, and tshark waits for the rest";
const TUNNEL = "tshark does not show the answer within the tunnel";
const UPGRADED = "the request asks for HTTP/2, and is counted and answered as one of it";

const evader = (number: string) => `suricata-verify/tests/http-evader/http-evader-${number}/input.pcap`;

/** Requests and answers where they are not those of tshark, and why. */
const OTHERWISE: Readonly<Record<string, readonly [requests: number, responses: number, reason: string]>> = {
  "PcapPlusPlus/Tests/Packet++Test/PacketExamples/HttpMalformedResponse.pcapng": [0, 1, SHORT],
  "PcapPlusPlus/Tests/Pcap++Test/PcapExamples/650HttpResponses.pcap": [0, 676, STALLS],
  "beats/packetbeat/tests/system/pcaps/gap_in_stream.pcap": [1, 1, STALLS],
  "deepflow/agent/resources/test/flow_generator/http/client-ip.pcap": [
    1,
    1,
    "of the request only a part of its head is there, which the server answers; the chunks of its answer do not end",
  ],
  "suricata-verify/tests/firewall/tcp-session-decode-malformed-ipv4/input.pcap": [1, 0, "tshark goes by the port"],
  "suricata-verify/tests/http-connect/http-connect-fragmented/input.pcap": [2, 2, TUNNEL],
  "suricata-verify/tests/http-connect/http-connect-simple/input.pcap": [2, 2, TUNNEL],
  [evader("028")]: [1, 1, SHORT],
  [evader("044")]: [1, 1, UNCHUNKED],
  [evader("046")]: [1, 1, UNCHUNKED],
  [evader("050")]: [1, 1, UNCHUNKED],
  [evader("078")]: [1, 1, UNCHUNKED],
  [evader("082")]: [1, 1, UNCHUNKED],
  [evader("086")]: [1, 1, UNCHUNKED],
  [evader("099")]: [1, 1, SHORT],
  [evader("208")]: [1, 1, SHORT],
  [evader("381")]: [1, 1, UNCHUNKED],
  [evader("384")]: [1, 1, UNCHUNKED],
  [evader("387")]: [1, 1, UNCHUNKED],
  "suricata-verify/tests/http-gap-beyond-body/input.pcap": [3, 2, STALLS],
  "suricata-verify/tests/http-gap-whole-body/input.pcap": [3, 3, STALLS],
  "suricata-verify/tests/http-request-invalid/input.pcap": [4, 6, "four requests are SSDP, over UDP"],
  "suricata-verify/tests/http2-deflate-case/input.pcap": [0, 0, UPGRADED],
  "suricata-verify/tests/http2-deflate/http2_deflate.pcap": [0, 0, UPGRADED],
  "suricata-verify/tests/http2-keywords2/input.pcap": [0, 0, UPGRADED],
  "suricata-verify/tests/http-response-line/input.pcap": [1, 1, SHORT],
  "suricata-verify/tests/tcp-rst-unacked-stream-07-http/input.pcap": [1, 0, "a head with a gap in it"],
  "suricata-verify/tests/tcp-rst-unacked-stream-09/TLPW1-tcp-110.37.219.134-10.12.14.101-tcp-990-49230.pcap": [
    1,
    1,
    STALLS,
  ],
  "suricata-verify/tests/tcp-rst-unacked-stream-10/TLPW1-tcp-174.56.47.59-10.3.11.101-tcp-80-49309.pcap": [
    1,
    1,
    STALLS,
  ],
  "suricata-verify/tests/tcp-urgp-04-2byte-XY/tcp-urgent-2byte-XY.pcap": [
    1,
    1,
    "the first line of the request comes in three segments, which tshark does not know for HTTP at this port",
  ],
  "zeek/testing/btest/Traces/http/bro.org.pcap": [31, 31, STALLS],
  "zeek/testing/btest/Traces/http/content-range-gap.pcap": [1, 1, STALLS],
  "zeek/testing/btest/Traces/http/entity_gap2.pcap": [1, 1, STALLS],
  "zeek/testing/btest/Traces/http/http-09-content-length-confusion.pcap": [0, 1, "HTTP/0.9 is not read"],
  "zeek/testing/btest/Traces/http/putty-upload.pcap": [
    2,
    2,
    "tshark waits for a body that the client is kept from sending to its end",
  ],
  "zeek/testing/btest/Traces/http/query-method-non-standard-port.pcap": [1, 1, "tshark does not know QUERY"],
  "zeek/testing/btest/Traces/postgresql/http-on-port-5432.pcap": [1, 1, "tshark goes by the port"],
  "zeek/testing/btest/Traces/tcp/payload-synack.pcap": [0, 0, "it is the server that sends a request"],
  "zeek/testing/btest/Traces/tunnels/gtp/gtp1_gn_normal_incl_fragmentation.pcap": [1, 1, STALLS],
};

overCorpus("requests and answers are those that tshark sees, but where it is said why not", () => {
  const different = differences((capture) => {
    const { requests, responses } = figuresOf(readCorpus(capture), "http");
    const statuses = countsOf(capture, "http_status");
    // An answer that says "continue" is none yet.
    const interim = (statuses["100"] ?? 0) + (statuses["102"] ?? 0) + (statuses["103"] ?? 0);
    const theirs = [countOf(capture, "http_req"), countOf(capture, "http_resp") - interim];
    return { found: [requests, responses], expected: OTHERWISE[capture.file]?.slice(0, 2) ?? theirs };
  });
  assert.equal(different, []);
});
