import { test } from "uvu";
import * as assert from "uvu/assert";

import { Sidecar, countsOf } from "./sidecar.ts";

const defaults = { "in 10.0.0.1 http GET / success 200": 1 };

/** Counts one inbound request under a configuration, and says whether the filter warned of it. */
function tryOut(configuration: string) {
  const sidecar = new Sidecar(configuration);
  sidecar.request();
  sidecar.settle();
  return { counts: countsOf(sidecar.totals), warnings: sidecar.host.logs };
}

test("an empty configuration means the defaults", () => {
  assert.equal(tryOut(""), { counts: defaults, warnings: [] });
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
    .concat(["\0", "{\u00ff\u00fe", '{"side": "outb']);
  for (const text of broken) {
    const { counts, warnings } = tryOut(text);
    assert.equal(counts, defaults, text);
    assert.is(warnings.length, 1, text);
    assert.match(warnings[0]!, "not a JSON object");
  }
});

test("unknown keys, and known ones of a wrong type, are passed over", () => {
  const text = JSON.stringify({
    version: 7,
    nested: { side: "inbound", deep: [{ a: [1, 2.5e3, null, true, "]}"] }] },
    routes: "none",
    interval_ms: "soon",
    max_endpoints: { a: 1 },
    external_clusters: [1, null, "x"],
    cluster: 12,
    kind: null,
    side: "outbound",
  });
  const { counts, warnings } = tryOut(text);
  assert.equal(counts, { "out  http GET / success 200": 1 });
  assert.equal(warnings, []);
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
