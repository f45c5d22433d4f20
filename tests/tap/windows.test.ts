/** How a live capture's windows end, and what becomes of them while nobody takes them. */
import { test } from "uvu";
import * as assert from "uvu/assert";

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

test.run();
