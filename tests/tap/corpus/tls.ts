import * as assert from "uvu/assert";

import { countOf, differences, overCorpus, readCorpus } from "../corpus.ts";
import { figuresOf } from "../reading.ts";

/** Requests where they are not those of tshark, and why. */
const OTHERWISE: Readonly<Record<string, readonly [requests: number, reason: string]>> = {
  "suricata-verify/tests/quic-frag-middle-gap/input.pcap": [0, "QUIC is not read"],
  "zeek/testing/btest/Traces/tls/https-to-http.pcap": [1, "tshark reads what the answer is; the server speaks HTTP"],
};

overCorpus("handshakes are those whose ClientHello tshark sees, but where it is said why not", () => {
  const different = differences((capture) => {
    const { requests } = figuresOf(readCorpus(capture), "tls");
    const theirs = [countOf(capture, "tls_ch")];
    return { found: [requests], expected: OTHERWISE[capture.file]?.slice(0, 1) ?? theirs };
  });
  assert.equal(different, []);
});
