import { compareWithCorpus } from "./comparing.ts";

const suricata = "suricata-verify/tests";
const deepflow = "deepflow/agent/resources/test/flow_generator/http";

const ofTshark = (counts: Readonly<Record<string, unknown>>) =>
  [counts["h2_req"], counts["h2_resp"]] as [number?, number?];

compareWithCorpus({
  protocol: "http2",
  rows: {
    // The second answer is one that the server pushed.
    "arkime/tests/pcap/http2-nghttp2.pcap": [1, 2],
    [`${suricata}/bug-5929-02/http2_multiple_headers.pcap`]: [1, 1],
    [`${suricata}/http2-authority-mismatch/authority_and_host_2.pcap`]: [1, 1],
    [`${suricata}/http2-compression-bug/input.pcap`]: [5, 5],
    [`${suricata}/http2-deflate-case/input.pcap`]: [1, 1],
    [`${suricata}/http2-deflate/http2_deflate.pcap`]: [1, 1],
    [`${suricata}/http2-keywords/input.pcap`]: [6, 6],
    [`${suricata}/http2-keywords2/input.pcap`]: [2, 2, "tshark counts the request that was upgraded as HTTP/1"],
    [`${suricata}/http2-long-frame/input.pcap`]: [2, 1],
  },
  ofTshark,
});

compareWithCorpus({
  protocol: "grpc",
  rows: {
    [`${deepflow}/grpc-server-stream.pcap`]: [1, 1],
    [`${deepflow}/grpc-unary.pcap`]: [1, 1],
  },
  ofTshark,
});
