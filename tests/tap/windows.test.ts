/** How a live capture's windows end, and what becomes of them while nobody takes them. */
import { test } from "uvu";
import * as assert from "uvu/assert";

import { LossKind } from "#proto/ingest.ts";
import type { Batch } from "#proto/ingest.ts";
import { TapModule, compileTap } from "../../tap/module.ts";
import { Connection, START, pcap } from "./packets.ts";

const REQUEST = "GET /a HTTP/1.1\r\nHost: shop\r\n\r\n";
const ANSWER = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
const START_MS = START / 1000;
const compiled = await compileTap();

function live() {
  const batches: Batch[] = [];
  const tap = new TapModule(compiled, (batch) => batches.push(batch));
  return { tap, batches };
}

/** One request a second, `seconds` long. */
function requests(seconds: number, clientPort: number): Connection {
  const connection = new Connection({ clientPort }).open();
  for (let i = 0; i < seconds; i += 1) connection.client(REQUEST).server(ANSWER).wait(998);
  return connection;
}

function requestsOf(batches: readonly Batch[]): number {
  const counters = batches.flatMap((batch) => batch.counters);
  return counters.filter(({ status }) => status === 200).reduce((sum, { count }) => sum + count, 0);
}

test("time alone ends a window, and only one in which something was counted", () => {
  const { tap, batches } = live();
  tap.take(pcap(requests(1, 40_000).packets));
  assert.is(batches.length, 0);
  tap.advance(START_MS + 999);
  assert.is(batches.length, 0);
  tap.advance(START_MS + 1_000);
  assert.is(batches.length, 1);
  tap.advance(START_MS + 2_000);
  tap.advance(START_MS + 3_000);
  assert.is(batches.length, 1);
  assert.equal([batches[0]?.startSeconds, batches[0]?.durationMillis], [START_MS / 1000, 1_000]);
});

test("while nobody takes batches the window goes on, and nothing is lost", () => {
  const { tap, batches } = live();
  tap.hold(true);
  tap.take(pcap(requests(5, 40_000).packets));
  tap.advance(START_MS + 6_000);
  assert.is(batches.length, 0);
  tap.hold(false);
  tap.advance(START_MS + 7_000);
  assert.is(requestsOf(batches), 5);
  assert.equal([batches[0]?.startSeconds, batches[0]?.durationMillis], [START_MS / 1000, 7_000]);
});

test("a capture that begins anew goes on with the connections of the one before", () => {
  const { tap, batches } = live();
  const { packets } = requests(2, 40_000);
  const whole = pcap(packets.slice(0, 5));
  // The first capture ends within a record.
  tap.take(whole.subarray(0, -3));
  tap.startCapture();
  tap.take(pcap(packets.slice(4)));
  tap.stop();
  assert.is(requestsOf(batches), 2);
  const tcp = batches.flatMap(({ counters }) => counters).filter(({ joined }) => joined > 0);
  assert.equal(tcp, []);
});

test("what is open or under way at the end is not counted as failed", () => {
  const { tap, batches } = live();
  tap.take(pcap(new Connection().open().client(REQUEST).packets));
  tap.stop();
  assert.is(requestsOf(batches), 0);
  const outcomes = batches.flatMap(({ counters }) => counters.map(({ outcome }) => outcome));
  assert.equal(outcomes, [1]);
});

test("a clock that is set back does not hold windows up", () => {
  const { tap, batches } = live();
  tap.take(pcap(requests(1, 40_000).packets));
  tap.advance(START_MS - 3_600_000);
  assert.is(requestsOf(batches), 1);
});

test("routes that control teaches name endpoints from the next request on", () => {
  const { tap, batches } = live();
  tap.teach({ intervalMillis: 0, routes: ["/{letter}"], maxEndpoints: 0, serviceRoutes: [], exemplars: 0 }, 500);
  tap.take(pcap(requests(1, 40_000).packets));
  tap.stop();
  assert.ok(batches[0]?.strings.includes("/{letter}"), batches[0]?.strings.join(" "));
});

test("rules and places of a service hold at its addresses, and at no other", () => {
  const { tap, batches } = live();
  const service = (addresses: string[], rules: string[], idPlaces: string[]) => {
    return { cluster: "", addresses, rules, idPlaces };
  };
  const settings = {
    ...{ intervalMillis: 0, routes: ["/all/{x}"], maxEndpoints: 0, exemplars: 0 },
    serviceRoutes: [
      service(["10.0.0.2:80", "10.0.0.3:80"], ["/users/{user}"], ["/carts/{id}", "/carts/search"]),
      service(["[fd00::2]:80"], ["/users/{name}"], []),
    ],
  };
  tap.teach(settings, 500);
  const ask = (server: string, path: string, clientPort: number) => {
    const client = server.includes(":") ? "fd00::1" : "10.0.0.1";
    const connection = new Connection({ client, server, serverPort: 80, clientPort }).open();
    return connection.client(`GET ${path} HTTP/1.1\r\n\r\n`).server(ANSWER).packets;
  };
  const packets = ["10.0.0.2", "10.0.0.3", "10.0.0.4", "fd00::2"].flatMap((server, i) =>
    ["/users/ann", "/carts/mine", "/carts/search", "/all/that"].flatMap((path, j) =>
      ask(server, path, 4000 + 10 * i + j),
    ),
  );
  tap.take(pcap(packets));
  tap.stop();
  const found = batches.flatMap(({ counters, peers, strings }) =>
    counters
      .filter(({ status }) => status === 200)
      .map(({ peer, route, count }) => `${strings[peers[peer]!.address]} ${strings[route]} ${count}`),
  );
  const taught = ["/users/{user} 1", "/carts/{id} 1", "/carts/search 1", "/all/{x} 1"];
  const untaught = ["/users/ann 1", "/carts/mine 1", "/carts/search 1", "/all/{x} 1"];
  const expected = [
    ...taught.map((route) => `10.0.0.2:80 ${route}`),
    ...taught.map((route) => `10.0.0.3:80 ${route}`),
    ...untaught.map((route) => `10.0.0.4:80 ${route}`),
    ...["/users/{name} 1", ...untaught.slice(1)].map((route) => `[fd00::2]:80 ${route}`),
  ];
  assert.equal(found.sort(), expected.sort());
});

test("a service has at most as many addresses as there is room for, and those that find none are counted", () => {
  const { tap, batches } = live();
  const addresses = Array.from({ length: 2_050 }, (_, i) => `10.1.${i >> 8}.${i & 255}:80`);
  const serviceRoutes = [{ cluster: "", addresses, rules: ["/users/{user}"], idPlaces: [] }];
  tap.teach({ intervalMillis: 0, routes: [], maxEndpoints: 0, exemplars: 0, serviceRoutes }, 500);
  tap.take(pcap(requests(1, 40_000).packets));
  tap.stop();
  assert.equal(batches[0]?.losses, [{ kind: LossKind.LOSS_KIND_RULES_CUT, count: 2 }]);
});

test.run();
