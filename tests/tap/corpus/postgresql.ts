import { compareWithCorpus } from "./comparing.ts";

const beats = "beats/packetbeat/tests/system/pcaps";
const deepflow = "deepflow/agent/resources/test/flow_generator/postgre";
const suricata = "suricata-verify/tests/pgsql";
const zeek = "zeek/testing/btest/Traces/postgresql";

/** Simple queries and executes: tshark names the messages as they are in the manual. */
compareWithCorpus({
  protocol: "postgresql",
  rows: {
    [`${beats}/pgsql_extended_query.pcap`]: [2, 2],
    [`${beats}/pgsql_insert.pcap`]: [1, 1],
    [`${beats}/pgsql_long_result.pcap`]: [1, 1],
    [`${deepflow}/error.pcap`]: [1, 1],
    [`${deepflow}/pgsql-all.pcap`]: [32, 32],
    [`${suricata}/pgsql-5524/input.pcap`]: [4, 4],
    [`${suricata}/pgsql-simple-query-rollback/input.pcap`]: [22, 22],
    [`${zeek}/greenhouse-app.pcap`]: [84, 84],
    [`${zeek}/psql-aws-ssl-disable-15432.pcap`]: [1, 1],
    [`${zeek}/psql-insert-fail-drop-fail.pcap`]: [5, 5],
    [`${zeek}/psql-select-now.pcap`]: [1, 1],
  },
  ofTshark: ({ pgsql_type: types }) => {
    const counts = (types ?? {}) as Readonly<Record<string, number>>;
    return [(counts["Simple query"] ?? 0) + (counts["Execute"] ?? 0)];
  },
});
