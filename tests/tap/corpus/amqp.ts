import { compareWithCorpus } from "./comparing.ts";

const beats = "beats/packetbeat/tests/system/pcaps";

compareWithCorpus({
  protocol: "amqp",
  // As their own expectations say: 7 transactions, and 2. tshark counts methods, of which many are no requests.
  rows: {
    [`${beats}/amqp_emit_receive.pcap`]: [7, 7],
    [`${beats}/amqp_publish.pcap`]: [2, 2],
  },
  ofTshark: () => [],
});
