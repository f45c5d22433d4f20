import { test } from "uvu";
import * as assert from "uvu/assert";

import { generator } from "./random.ts";
import { Sidecar, countsOf } from "./sidecar.ts";

const defaults = { "in 10.0.0.1 http GET / success 200": 1 };

/** Counts one inbound request under a configuration, and says whether the filter warned of it. */
function tryOut(configuration: string) {
  const sidecar = new Sidecar(configuration);
  sidecar.request();
  sidecar.settle();
  return { counts: countsOf(sidecar.totals), warnings: sidecar.host.logs };
}

test("an empty configuration means the defaults, and says where control is looked for", () => {
  for (const empty of ["", " \n"]) {
    const { counts, warnings } = tryOut(empty);
    assert.equal(counts, defaults);
    const line = 'is empty; using the defaults, control is looked for in the cluster "sidelight"';
    assert.equal(warnings, [`sidelight: the plugin configuration ${line}`]);
  }
  assert.equal(tryOut("{}"), { counts: defaults, warnings: [] });
  assert.equal(tryOut(" {\n} "), { counts: defaults, warnings: [] });
});

test("what is no JSON object is answered by a warning and the defaults, never refused", () => {
  const broken = [
    "nonsense",
    "[]",
    "1",
    '"x"',
    "{",
    '{"side"',
    '{"side":',
    '{"side": "outbound"',
    '{"side": "outbound",',
  ]
    .concat([
      '{"side" "outbound"}',
      '{"routes": [1, 2',
      "{}}",
      '{"a": }',
      `${"[".repeat(500)}`,
      `{"a": ${"[".repeat(500)}`,
    ])
    // A value that begins with nothing a value can begin with.
    .concat(['{"a": \u0001}', '{"routes": [\u0001]}', '{"a": [\0]}', '{"interval_ms": \u0001'])
    .concat(["\0", "{\u00ff\u00fe", '{"side": "outb', `{"unknown": 1, "interval_ms": "x", "side": "outbound"`]);
  for (const text of broken) {
    const { counts, warnings } = tryOut(text);
    assert.equal(counts, defaults, text);
    assert.is(warnings.length, 1, text);
    assert.match(warnings[0]!, /is not a JSON object from byte \d+ on; using the defaults for all of it$/);
  }
  assert.match(tryOut('{"side": "outbound"} x').warnings[0]!, "from byte 21 on");
});

test("unknown keys are passed over however deep they go, and the first is told", () => {
  const deep = `${'{"a":['.repeat(5000)}${"]}".repeat(5000)}`;
  const nested = '{"side": "inbound", "deep": [{"a": [1, 2.5e3, null, true, "]}"]}]}';
  const { counts, warnings } = tryOut(`{"col\\nour": ${nested}, "deep": ${deep}, "x": 1, "side": "outbound"}`);
  assert.equal(counts, { "out  http GET / success 200": 1 });
  const line = 'has a key that is unknown, "col?our"; leaving it out, and any further one';
  assert.equal(warnings, [`sidelight: the plugin configuration ${line}`]);
  const [long] = tryOut(`{"${"k".repeat(400)}": 1}`).warnings;
  assert.match(long!, `unknown, "${"k".repeat(64)}"; leaving`);
});

test("of a newer version known keys are taken, and one line says so", () => {
  const text = JSON.stringify({ colour: "red", side: "outbound", version: 7, shape: [], interval_ms: 300 });
  const sidecar = new Sidecar(text);
  sidecar.request();
  sidecar.settle();
  assert.equal(countsOf(sidecar.totals), { "out  http GET / success 200": 1 });
  assert.is(sidecar.host.tickPeriods.get(1), 300);
  const line = "is of version 7, this filter knows version 1; using what it knows of it and the defaults for the rest";
  assert.equal(sidecar.host.logs, [`sidelight: the plugin configuration ${line}`]);
  assert.equal(tryOut('{"version": 1}'), { counts: defaults, warnings: [] });
});

test("a value of a wrong type, or out of bounds, is told with what is used in its place", () => {
  const cases: [key: string, values: readonly unknown[], told: string][] = [
    ["version", [0, -1, 1.5, "2", null], "has to be a number from 1 on; taken for 1"],
    ["cluster", [12, "", "x".repeat(201), null], 'has to be a name of at most 200 bytes; using "sidelight"'],
    ["side", ["both", 1, {}], 'has to be "inbound" or "outbound"; using the direction of the listener'],
    ["kind", ["udp", null, []], 'has to be "http" or "tcp"; using "http"'],
    ["interval_ms", ["soon", 5, 60_001, 1e99, -3, 200.5, true], "has to be a number from 100 to 60000; using"],
    ["max_endpoints", [{ a: 1 }, 1001, "9"], "has to be a number from 1 to 1000; using the nearest, 200"],
    ["exemplars", ["no", 0, null, [false]], "has to be true or false; using true"],
    ["routes", ["none", { a: 1 }, [1, "/ok"], ["no slash"], Array(129).fill("/a")], "at most 128 route rules; leaving"],
    ["external_clusters", ["x", [1, null], [""], Array(17).fill("x")], "at most 16 names; leaving"],
  ];
  for (const [key, values, told] of cases) {
    for (const value of values) {
      const text = JSON.stringify({ [key]: value });
      const { counts, warnings } = tryOut(text);
      assert.equal(counts, defaults, text);
      assert.is(warnings.length, 1, `${text.slice(0, 80)}: ${warnings.join("; ")}`);
      assert.match(warnings[0]!, `sidelight: in the plugin configuration "${key}"`);
      assert.match(warnings[0]!, told);
    }
  }
  const good = { cluster: "c", kind: "http", interval_ms: 0, max_endpoints: 0, exemplars: false, routes: [] };
  assert.equal(tryOut(JSON.stringify(good)), { counts: defaults, warnings: [] });
});

test("each key is told of once, however often it is there", () => {
  const { counts, warnings } = tryOut(`{${'"side": 1, "kind": 2, "x": 3,'.repeat(2000)} "side": "outbound"}`);
  assert.equal(counts, { "out  http GET / success 200": 1 });
  assert.is(warnings.length, 3);
});

test("one that is larger than the room for it means the defaults, and says its size", () => {
  const text = JSON.stringify({ side: "outbound", routes: Array<string>(7000).fill("/a/{b}/c") });
  const { counts, warnings } = tryOut(text);
  assert.equal(counts, defaults);
  assert.is(warnings.length, 1);
  assert.match(warnings[0]!, `cannot be had from Envoy or is larger than 65000 bytes (it has ${text.length})`);
});

test("20,000 damaged configurations: none is refused, each is counted under", () => {
  const random = generator(21);
  const good = Buffer.from(
    '{"version": 1, "cluster": "c", "side": "inbound", "kind": "http", "interval_ms": 500, "routes": ["/a/{b}", "GET /c/**"],' +
      ' "max_endpoints": 20, "external_clusters": ["x"], "exemplars": true, "\\u0041": {"a": [1, [], null]}}',
  );
  const sidecar = new Sidecar();
  const before = sidecar.host.memoryBytes;
  for (let i = 0; i < 20_000; i++) {
    const bytes = Buffer.from(good.subarray(0, random(3) ? good.length : random(good.length)));
    const damages = 1 + random(6);
    for (let n = 0; n < damages && bytes.length > 0; n++) {
      bytes[random(bytes.length)] = random(2) ? random(256) : '{}[]",:\\u0'.charCodeAt(random(10));
    }
    sidecar.host.logs.length = 0;
    assert.is(sidecar.addRoot(1, bytes), 1);
    assert.ok(sidecar.host.logs.length <= 11, sidecar.host.logs.join());
  }
  sidecar.addRoot(1);
  sidecar.request();
  sidecar.settle();
  assert.equal(countsOf(sidecar.totals), defaults);
  assert.is(sidecar.host.memoryBytes, before);
});

test("escapes are read", () => {
  const sidecar = new Sidecar(String.raw`{"cl\u0075ster": "con\/trol\u002d1\n", "routes": ["\/a\/{\u006eame}"]}`);
  sidecar.request({ path: "/a/b" });
  sidecar.settle();
  assert.match(Buffer.from(sidecar.stream!.target).toString("latin1"), "con/trol-1\n");
  assert.equal(Object.keys(countsOf(sidecar.totals)), ["in 10.0.0.1 http GET /a/{name} success 200"]);
});

test("a configuration that the host does not hand over means the defaults", () => {
  const sidecar = new Sidecar();
  sidecar.host.sabotage = (call) => (call === "get_buffer_bytes" ? 10 : undefined);
  assert.is(sidecar.addRoot(2, { side: "outbound" }), 1);
  assert.is(sidecar.host.logs.length, 1);
});

test.run();
