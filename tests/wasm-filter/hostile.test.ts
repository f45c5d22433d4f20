/**
 * A host that lies: the filter must never trap, never grow, never lose a request without saying so.
 */
import { test } from "uvu";
import * as assert from "uvu/assert";

import { type Sabotage, filterModule } from "./host.ts";
import { endureLies, liedAbout } from "./lies.ts";
import { generator } from "./random.ts";
import { Sidecar, countsOf, totalCount } from "./sidecar.ts";

/** Requests and ticks under a sabotage that begins after the configuration; then an honest host again. */
function endure(sabotage: Sabotage, requests = 200): Sidecar {
  const sidecar = new Sidecar();
  const before = sidecar.host.memoryBytes;
  sidecar.host.sabotage = sabotage;
  for (let i = 0; i < requests; i++) {
    sidecar.request({ path: `/orders/${i}` });
    if (i % 10 === 9) sidecar.tick();
  }
  sidecar.host.sabotage = undefined;
  sidecar.settle();
  assert.is(sidecar.host.memoryBytes, before);
  assert.is(totalCount(sidecar.totals), requests);
  return sidecar;
}

const calls = ["get_property", "get_header_map_pairs", "get_header_map_value", "get_buffer_bytes"];
const everything = [...calls, "get_current_time_nanoseconds", "set_tick_period_milliseconds", "grpc_stream"].concat([
  "grpc_send",
  "grpc_close",
  "define_metric",
  "log",
  "random_get",
  "set_effective_context",
  "done",
]);

test("every host call answers with an error", () => {
  for (const status of [1, 2, 6, 10, 12, 0xffffffff]) {
    const sidecar = endure(() => status);
    assert.equal(countsOf(sidecar.totals), { "out  http ~other ~other noAnswer 0": 200 });
    assert.equal(sidecar.losses, { 4: 200 });
  }
});

test("each host call alone answers with an error", () => {
  for (const bad of everything) endure((call) => (call === bad ? 10 : undefined));
});

test("answers that are empty, huge, too short or no text", () => {
  const answers: Record<string, Uint8Array> = {
    empty: new Uint8Array(0),
    huge: Buffer.alloc(1 << 20, 97),
    full: Buffer.alloc(60_000, 97),
    short: Buffer.from([1, 2, 3]),
    long: Buffer.alloc(9, 1),
    binary: Buffer.from(Array.from({ length: 256 }, (_, i) => i)),
    ones: Buffer.alloc(8, 255),
    brackets: Buffer.from("["),
    colon: Buffer.from(":"),
  };
  for (const [name, bytes] of Object.entries(answers)) {
    const sidecar = endure((call) => (calls.includes(call) ? { bytes } : undefined));
    assert.is(sidecar.losses[4], 200, `${name}: every request says that something was missing`);
    for (const batch of sidecar.received.values()) {
      for (const string of batch.strings) {
        assert.ok(Buffer.byteLength(string) <= 255);
        assert.not.ok(string.includes("\ufffd"), "valid UTF-8");
      }
    }
  }
});

test("answers that point out of the module's memory or into other parts of it", () => {
  const bytes = Buffer.from("/orders/1");
  for (const at of [0, 1, 8, 100_000, 1 << 20, 0x7fffffff, 0xfffffff0, 0xffffffff]) {
    for (const size of [0, 1, 8, 9, 1 << 20, 0xffffffff]) {
      endure((call) => (calls.includes(call) ? { bytes, at, size } : undefined), 20);
    }
  }
});

test("header pairs whose sizes do not add up", () => {
  const random = generator(1);
  for (let round = 0; round < 300; round++) {
    const bytes = Buffer.alloc(4 + random(200));
    for (let i = 0; i < bytes.length; i++) bytes[i] = random(4) ? random(8) : random(256);
    bytes.writeUInt32LE([0, 1, 5, 0xffffffff, 0x20000000, 0x1fffffff][random(6)]!, 0);
    endure((call) => (call === "get_header_map_pairs" ? { bytes } : undefined), 20);
  }
});

test("20,000 rounds with a host that lies by seed", () => {
  for (const seed of [1, 2, 3, 4]) endureLies(seed, 5000);
  const imports = WebAssembly.Module.imports(filterModule()).map(({ name }) => name.replace(/^proxy_/, ""));
  assert.equal([...liedAbout].sort(), imports.sort(), "every function of the host lied");
});

test("100,000 random messages from control", () => {
  const random = generator(9);
  const sidecar = new Sidecar();
  sidecar.request();
  sidecar.tick();
  sidecar.collect();
  const stream = sidecar.stream!;
  for (let i = 0; i < 100_000; i++) {
    const bytes = Buffer.from(Array.from({ length: random(24) }, () => (random(2) ? random(32) : random(256))));
    sidecar.host.receive(stream, bytes);
  }
  sidecar.request();
  sidecar.settle();
  assert.ok((sidecar.losses[7] ?? 0) > 1000);
  assert.is(totalCount(sidecar.totals), 2);
});

test.run();
