import { compareWithCorpus } from "./comparing.ts";

const beats = "beats/packetbeat/tests/system/pcaps";
const deepflow = "deepflow/agent/resources/test/flow_generator/mysql";
const zeek = "zeek/testing/btest/Traces";

/** Commands that have no answer, and so are no requests: COM_QUIT, COM_STMT_SEND_LONG_DATA, COM_STMT_CLOSE. */
const UNANSWERED = ["1", "24", "25"];

compareWithCorpus({
  protocol: "mysql",
  rows: {
    [`${beats}/mysql_affected_rows.pcap`]: [1, 1],
    [`${beats}/mysql_connection.pcap`]: [6, 6],
    [`${beats}/mysql_long_result.pcap`]: [1, 1],
    [`${beats}/mysql_with_whitespaces.pcap`]: [12, 12],
    [`${deepflow}/171-mysql.pcap`]: [390, 390],
    [`${deepflow}/mysql-compressed-response.pcap`]: [1, 1],
    [`${deepflow}/mysql-database.pcap`]: [4, 4],
    [`${deepflow}/mysql-exec.pcap`]: [2, 2],
    [`${deepflow}/mysql-statement-id.pcap`]: [1, 1],
    [`${deepflow}/mysql-statement.pcap`]: [11, 8],
    [`${deepflow}/mysql-table-alter.pcap`]: [2, 2],
    [`${deepflow}/mysql-table-destroy.pcap`]: [2, 2],
    [`${deepflow}/mysql-table-select.pcap`]: [2, 2],
    [`${deepflow}/partial-packet-compressed.pcap`]: [
      2,
      2,
      "compressed: tshark takes the first request for a command of number 0, and does not see the second",
    ],
    [`${zeek}/mysql/auth.pcap`]: [1, 1],
    [`${zeek}/mysql/caching_sha2_password-after-auth-switch.pcapng`]: [4, 4],
    [`${zeek}/mysql/change-user-error.pcap`]: [2, 2],
    [`${zeek}/mysql/many-query-attrs.pcap`]: [42, 42],
    [`${zeek}/mysql/mysql-9.0.0-query-attributes.pcap`]: [2, 2],
    [`${zeek}/mysql/mysql-show-engine-innodb-status-no-password.pcap`]: [2, 2],
    [`${zeek}/mysql/mysql.pcap`]: [16, 16],
    [`${zeek}/mysql/mysql8-navicat-login-failed.pcap`]: [
      0,
      0,
      "an answer to the greeting, which tshark takes for a command",
    ],
    [`${zeek}/postgresql/mysql-on-port-5432.pcap`]: [5, 5],
  },
  ofTshark: ({ mysql_cmd: commands }) => {
    const counts = Object.entries((commands ?? {}) as Readonly<Record<string, number>>);
    return [counts.filter(([command]) => !UNANSWERED.includes(command)).reduce((sum, [, count]) => sum + count, 0)];
  },
});
