import { compareWithCorpus } from "./comparing.ts";

const beats = "beats/packetbeat/tests/system/pcaps";

compareWithCorpus({
  protocol: "mongodb",
  rows: {
    "arkime/tests/pcap/mongo.pcap": [5, 0],
    [`${beats}/mongo_3.0_session.pcap`]: [24, 24],
    [`${beats}/mongodb_insert_duplicate_key.pcap`]: [3, 3, "tshark reads only the connection to port 27017"],
    [`${beats}/mongodb_inserts.pcap`]: [5, 5],
    [`${beats}/mongodb_reply_request_reply.pcap`]: [1, 2],
    // As its own expectation says: 15 and 15. tshark does not tell requests from answers in OP_MSG.
    "deepflow/agent/resources/test/flow_generator/mongo/mongo.pcap": [15, 15],
  },
  ofTshark: (counts) => {
    const byOpcode = counts["mongo_op"] as Readonly<Record<string, number>> | undefined;
    return (byOpcode?.["2013"] === undefined ? [byOpcode?.["2004"], byOpcode?.["1"]] : []) as [number?, number?];
  },
});
