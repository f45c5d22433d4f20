import * as assert from "uvu/assert";

import { countOf, differences, overCorpus, readCorpus } from "../corpus.ts";
import { figuresOf } from "../reading.ts";

const STARTTLS = "it begins within SMTP or POP3, which nobody reads";

/** Requests where they are not those of tshark, and why. */
const OTHERWISE: Readonly<Record<string, readonly [requests: number, reason: string]>> = {
  "arkime/tests/pcap/smtp-starttls.pcap": [0, STARTTLS],
  "suricata-verify/tests/quic-frag-middle-gap/input.pcap": [0, "QUIC is not read"],
  "suricata-verify/tests/smtp-startssl/input.pcap": [0, STARTTLS],
  "zeek/testing/btest/Traces/tls/https-to-http.pcap": [1, "tshark reads what the answer is; the server speaks HTTP"],
  "zeek/testing/btest/Traces/tls/pop3-starttls.pcap": [0, STARTTLS],
  "zeek/testing/btest/Traces/tls/smtp-starttls.pcap": [0, STARTTLS],
};

overCorpus("handshakes are those whose ClientHello tshark sees, but where it is said why not", () => {
  const different = differences((capture) => {
    const { requests } = figuresOf(readCorpus(capture), "tls");
    const theirs = [countOf(capture, "tls_ch")];
    return { found: [requests], expected: OTHERWISE[capture.file]?.slice(0, 1) ?? theirs };
  });
  assert.equal(different, []);
});
