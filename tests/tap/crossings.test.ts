/** Where all interfaces are captured, what crosses several of them is counted once. */
import { test } from "uvu";
import * as assert from "uvu/assert";

import { Connection, pcap } from "./packets.ts";
import type { Packet } from "./packets.ts";
import { figuresOf, read, tcpOf } from "./reading.ts";

const REQUEST = "GET /a HTTP/1.1\r\nHost: shop\r\n\r\n";
const ANSWER = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

type Hop = readonly [index: number, isOut: boolean, from?: readonly Packet[]];

/**
 * The packets as they cross the hops, in order for what the client sends and in reverse for answers; a hop may have packets of its
 * own, in which addresses are translated.
 */
function crossing(packets: readonly Packet[], hops: readonly Hop[]): Packet[] {
  return packets.flatMap((packet, i) => {
    const isAnswer = packet.bytes.readUInt16BE(20) < packet.bytes.readUInt16BE(22);
    const order = isAnswer ? [...hops].reverse() : hops;
    return order.map(([index, isOut, own], hop) => ({
      micros: packet.micros + hop * 5,
      bytes: (own?.[i] ?? packet).bytes,
      crossing: { index, isOut: isOut !== isAnswer },
    }));
  });
}

function exchange(ends: ConstructorParameters<typeof Connection>[0] = {}): Connection {
  const connection = new Connection(ends).open();
  for (let i = 0; i < 3; i += 1) connection.client(REQUEST).server(ANSWER);
  return connection.wait(5_000).client(REQUEST).wait(5_000).server(ANSWER).close();
}

const summary = (packets: readonly Packet[]) => {
  const document = read(pcap(packets, { frame: "sll2" }));
  const { requests, responses } = figuresOf(document, "http");
  const { connections, retransmissions, joined, failed, requestBytes } = tcpOf(document);
  const edges = document.edges.map(({ client, server, protocol }) => `${client} ${server} ${protocol}`);
  return { requests, responses, connections, retransmissions, joined, failed, requestBytes, edges };
};

const once = {
  requests: 4,
  responses: 4,
  connections: 1,
  retransmissions: 0,
  joined: 0,
  failed: 0,
  requestBytes: 4 * REQUEST.length,
};
const pod = { edges: ["10.0.0.1 10.0.0.2:8080 tcp", "10.0.0.1 10.0.0.2:8080 http"] };
const sorted = <Of extends { edges: string[] }>(found: Of) => ({ ...found, edges: found.edges.sort() });
const expected = { ...once, edges: pod.edges.sort() };

test("from pod to pod over a bridge", () => {
  const { packets } = exchange();
  assert.equal(
    sorted(
      summary(
        crossing(packets, [
          [5, false],
          [3, false],
          [6, true],
        ]),
      ),
    ),
    expected,
  );
});

test("each direction of a bond crosses another card", () => {
  const { packets } = exchange();
  const crossed = packets.flatMap((packet) => {
    const isAnswer = packet.bytes.readUInt16BE(20) < packet.bytes.readUInt16BE(22);
    const indexes = isAnswer ? [9, 7] : [8, 9];
    return indexes.map((index) => ({ ...packet, crossing: { index, isOut: isAnswer } }));
  });
  assert.equal(sorted(summary(crossed)), expected);
});

test("the address of a Service becomes that of the pod behind it", () => {
  const { packets } = exchange({ server: "10.96.0.9", serverPort: 80 });
  const translated = exchange().packets;
  const hops: Hop[] = [
    [5, false],
    [3, false],
    [6, true, translated],
  ];
  assert.equal(sorted(summary(crossing(packets, hops))), expected);
});

test("a client that is masqueraded keeps its address", () => {
  const { packets } = exchange();
  const masqueraded = exchange({ client: "192.168.1.1", clientPort: 61_000 }).packets;
  assert.equal(
    sorted(
      summary(
        crossing(packets, [
          [5, false],
          [2, true, masqueraded],
        ]),
      ),
    ),
    expected,
  );
});

test("a pod that asks itself through its Service, in and out of one interface", () => {
  const { packets } = exchange({ server: "10.96.0.9", serverPort: 80 });
  const hairpin = exchange({ client: "10.0.0.254", clientPort: 50_000 }).packets;
  assert.equal(
    sorted(
      summary(
        crossing(packets, [
          [5, false],
          [5, true, hairpin],
        ]),
      ),
    ),
    expected,
  );
});

test("connections that begin alike on one interface are no copies of each other", () => {
  const ports = [40_000, 40_001, 40_002];
  const all = ports.flatMap((clientPort) =>
    crossing(exchange({ clientPort }).packets, [
      [5, false],
      [6, true],
    ]),
  );
  all.sort((a, b) => a.micros - b.micros);
  const { requests, connections } = summary(all);
  assert.equal([requests, connections], [12, 3]);
});

test("where the interface that counted falls silent, the next one counts", () => {
  const { packets } = exchange();
  const crossed = crossing(packets, [
    [5, false],
    [6, true],
  ]);
  const half = crossed.filter(({ micros, crossing: { index } = { index: 0 } }) => {
    return index === 6 || micros < packets[9]!.micros;
  });
  assert.equal(sorted(summary(half)), expected);
});

test.run();
