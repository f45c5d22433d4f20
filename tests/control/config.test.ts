import { readFileSync } from "node:fs";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { readConfig } from "../../control/config.ts";
import { asksKubernetes } from "../../control/kubernetes/credentials.ts";
import { DEFAULT_KEPT } from "../../control/store/resolutions.ts";

test("without any variable everything has its default, and is frozen", () => {
  const { config, warnings } = readConfig({});
  assert.equal(config, {
    grpcListen: { host: "127.0.0.1", port: 9400 },
    httpListen: { host: "127.0.0.1", port: 9480 },
    dataDir: "./data",
    inventory: undefined,
    kubernetes: { mode: "auto", kubeconfig: undefined },
    routes: undefined,
    uiDir: "build/ui",
    filter: { file: "build/filter/sidelight.wasm", url: undefined },
    observe: undefined,
    logLevel: "info",
    inboxMaxBytes: 1_073_741_824,
    sink: undefined,
    store: {
      engine: "duckdb",
      memoryMb: 192,
      maxBytes: 20_480 * 2 ** 20,
      kept: DEFAULT_KEPT,
    },
    maxEndpoints: 200,
    reportIntervalMs: 1000,
    metricsEdges: 1000,
    exemplars: true,
    tap: true,
    traceUrl: undefined,
    openApiDir: undefined,
    alertsDir: undefined,
    publicUrl: undefined,
  });
  assert.equal(warnings, []);
  assert.ok(Object.isFrozen(config));
});

test("the address under which people reach the UI", () => {
  const publicUrl = (text: string): unknown => readConfig({ SIDELIGHT_PUBLIC_URL: text }).config.publicUrl;
  assert.is(publicUrl("https://sidelight.example/ui/"), "https://sidelight.example/ui");
  for (const wrong of ["sidelight.example", "ftp://sidelight.example", "/ui"]) {
    assert.throws(() => publicUrl(wrong), /SIDELIGHT_PUBLIC_URL is ".*"; it must be an http or https address/);
  }
});

test("where sidecars get the filter", () => {
  const url = (text: string): unknown => readConfig({ SIDELIGHT_FILTER_URL: text }).config.filter.url;
  assert.is(url("http://sidelight.sidelight.svc:9480/"), "http://sidelight.sidelight.svc:9480");
  const artifact = `oci://registry.example/sidelight-filter@sha256:${"0a".repeat(32)}`;
  assert.is(url(artifact), artifact);
  for (const wrong of [
    "sidelight:9480",
    "file:///sidelight.wasm",
    "oci://registry.example/filter:1",
    "oci://a@sha256:0a",
  ]) {
    assert.throws(() => url(wrong), /SIDELIGHT_FILTER_URL is ".*"; it must be the http or https address .* oci:/);
  }
});

test("addresses of every kind", () => {
  const listen = (text: string): unknown => readConfig({ SIDELIGHT_GRPC_LISTEN: text }).config.grpcListen;
  assert.equal(listen("0.0.0.0:0"), { host: "0.0.0.0", port: 0 });
  assert.equal(listen("[::1]:9400"), { host: "::1", port: 9400 });
  assert.equal(listen("localhost:65535"), { host: "localhost", port: 65535 });
  assert.equal(listen(""), { host: "127.0.0.1", port: 9400 }, "nothing counts as not set");
  for (const wrong of ["9400", "127.0.0.1", "::1:9400", "a b:1", "127.0.0.1:65536", ":9400", "127.0.0.1:x"]) {
    assert.throws(() => listen(wrong), /SIDELIGHT_GRPC_LISTEN is ".*"; it must be HOST:PORT/);
  }
});

test("whether control turns on what is annotated, and with what", () => {
  const observe = (env: NodeJS.ProcessEnv): unknown => readConfig(env).config.observe;
  const on = { SIDELIGHT_OBSERVE: "on", SIDELIGHT_FILTER_URL: "http://control.ops.svc:9480" };
  assert.is(observe({}), undefined);
  assert.equal(observe({ ...on, SIDELIGHT_OBSERVE_INGEST: "control.ops.svc.example.org:9400" }), {
    ...{ ingest: "control.ops.svc.example.org:9400", service: { name: "control", namespace: "ops" } },
    ...{ owner: undefined, rootNamespace: "istio-system", withTcp: false },
  });
  assert.is((observe({ ...on, SIDELIGHT_OBSERVE_TCP: "on" }) as { withTcp: boolean }).withTcp, true);
  assert.throws(
    () => observe({ ...on, SIDELIGHT_OBSERVE_TCP: "yes" }),
    /SIDELIGHT_OBSERVE_TCP is .* must be on or off/,
  );
  assert.throws(() => observe({ SIDELIGHT_OBSERVE: "on" }), /on without SIDELIGHT_FILTER_URL/);
  assert.throws(
    () => observe({ ...on, SIDELIGHT_KUBERNETES: "off" }),
    /SIDELIGHT_OBSERVE is on, and SIDELIGHT_KUBERNETES off/,
  );
  for (const ingest of ["control:9400", "control.ops.svc:9400", "control.ops.svc.cluster.local", "a.b.svc.c:0"]) {
    assert.throws(
      () => observe({ ...on, SIDELIGHT_OBSERVE_INGEST: ingest }),
      /INGEST is .* must be SERVICE\.NAMESPACE\.svc\.DOMAIN:PORT/,
    );
  }
});

test("whether Kubernetes is asked", () => {
  const kubernetes = (env: NodeJS.ProcessEnv): unknown => readConfig(env).config.kubernetes;
  assert.equal(kubernetes({ SIDELIGHT_KUBERNETES: "off" }), { mode: "off", kubeconfig: undefined });
  assert.equal(kubernetes({ SIDELIGHT_KUBECONFIG: "k.yaml" }), { mode: "auto", kubeconfig: "k.yaml" });
  assert.throws(() => kubernetes({ SIDELIGHT_KUBERNETES: "yes" }), /KUBERNETES is "yes"; it must be auto, on or off/);
  for (const [mode, kubeconfig, isInCluster, asks] of [
    ["auto", undefined, false, false],
    ["auto", undefined, true, true],
    ["auto", "k.yaml", false, true],
    ["on", undefined, false, true],
    ["off", "k.yaml", true, false],
  ] as const) {
    assert.is(asksKubernetes({ mode, kubeconfig }, isInCluster), asks, `${mode} ${kubeconfig} ${isInCluster}`);
  }
});

test("how long each resolution is kept", () => {
  const [minute, hour, day] = [60_000, 3_600_000, 86_400_000];
  const kept = (text: string): unknown => readConfig({ SIDELIGHT_HISTORY: text }).config.store.kept;
  assert.equal(kept("1s:2h, 1h:730d"), { "1s": 2 * hour, "10s": day, "1m": 30 * day, "1h": 730 * day });
  assert.equal(kept("10s:90m,1s:90m"), { "1s": 90 * minute, "10s": 90 * minute, "1m": 30 * day, "1h": 365 * day });
  for (const wrong of ["1s", "2s:1h", "1s:1w", "1s:1h;10s:1d", "1s:-1h", "1s:1.5h"]) {
    assert.throws(() => kept(wrong), /SIDELIGHT_HISTORY is ".*"; it must be RESOLUTION:LENGTH, such as 1s:1h/);
  }
  assert.throws(() => kept("1s:1h,1s:2h"), /must name 1s once/);
  assert.throws(() => kept("1s:1m"), /must keep 1s from 10m to 3650d, not 1m/);
  assert.throws(() => kept("1s:2d"), /must keep 10s \(1d\) at least as long as 1s \(2d\)/);
});

test("one error names every wrong variable, its value, and what it must be", () => {
  const wrong = { SIDELIGHT_INBOX_MAX_MB: "1", SIDELIGHT_LOG_LEVEL: "loud", SIDELIGHT_MAX_ENDPOINTS: "-5" };
  assert.throws(
    () => readConfig(wrong),
    (error: Error) => {
      assert.match(error.message, /SIDELIGHT_INBOX_MAX_MB is "1"; it must be from 16 to 1000000/);
      assert.match(error.message, /SIDELIGHT_LOG_LEVEL is "loud"; it must be one of trace, debug, info/);
      assert.match(error.message, /SIDELIGHT_MAX_ENDPOINTS is "-5"; it must be a whole number/);
      return true;
    },
  );
});

test("InfluxDB needs an address, an organisation and one token, and the token is never shown", () => {
  const influx = {
    SIDELIGHT_STORE: "influxdb",
    SIDELIGHT_INFLUX_URL: "http://influxdb:8086",
    SIDELIGHT_INFLUX_ORG: "ops",
    SIDELIGHT_INFLUX_TOKEN: "a-secret==",
  };
  const address = { url: "http://influxdb:8086", org: "ops", bucket: "sidelight" };
  const expected = { engine: "influxdb", kept: DEFAULT_KEPT, ...address };
  assert.equal(readConfig(influx).config.store, { ...expected, token: { text: "a-secret==" } });
  const fromFile = {
    ...influx,
    SIDELIGHT_INFLUX_TOKEN: "",
    SIDELIGHT_INFLUX_TOKEN_FILE: "/run/token",
    SIDELIGHT_INFLUX_BUCKET: "mesh-1",
  };
  assert.equal(readConfig(fromFile).config.store, { ...expected, bucket: "mesh-1", token: { file: "/run/token" } });
  const wrong: [NodeJS.ProcessEnv, RegExp][] = [
    [{ SIDELIGHT_STORE: "influx" }, /SIDELIGHT_STORE is "influx"; it must be duckdb or influxdb/],
    [
      { SIDELIGHT_STORE: "influxdb" },
      /INFLUX_URL is not set.*INFLUX_ORG is not set.*one of .*_TOKEN and .*_TOKEN_FILE/,
    ],
    [{ ...fromFile, SIDELIGHT_INFLUX_TOKEN: "x" }, /one of SIDELIGHT_INFLUX_TOKEN and SIDELIGHT_INFLUX_TOKEN_FILE/],
    [{ ...influx, SIDELIGHT_INFLUX_URL: "influxdb:8086" }, /INFLUX_URL is "influxdb:8086"; it must be an http/],
    [{ ...influx, SIDELIGHT_INFLUX_BUCKET: "a/b" }, /INFLUX_BUCKET is "a\/b"; it must be up to 64/],
  ];
  for (const [env, message] of wrong) assert.throws(() => readConfig(env), message);
  assert.throws(
    () => readConfig({ ...influx, SIDELIGHT_INFLUX_TOKEN: "two words" }),
    ({ message }: Error) => /SIDELIGHT_INFLUX_TOKEN must be a token/.test(message) && !message.includes("two words"),
  );
});

test("requests by name are switched off by one word, and traces need a place for their id", () => {
  assert.is(readConfig({ SIDELIGHT_EXEMPLARS: "off" }).config.exemplars, false);
  assert.throws(
    () => readConfig({ SIDELIGHT_EXEMPLARS: "false" }),
    /SIDELIGHT_EXEMPLARS is "false"; it must be on or off/,
  );
  const taps = (env: NodeJS.ProcessEnv): boolean => readConfig(env).config.tap;
  assert.is(taps({ SIDELIGHT_EXEMPLARS: "off" }), false, "live ones with them, unless it is said");
  assert.is(taps({ SIDELIGHT_EXEMPLARS: "off", SIDELIGHT_TAP: "on" }), true);
  assert.is(taps({ SIDELIGHT_TAP: "off" }), false);
  const url = "https://jaeger.example:16686/trace/{traceId}?embed";
  assert.is(readConfig({ SIDELIGHT_TRACE_URL: url }).config.traceUrl, url);
  for (const wrong of ["http://jaeger/trace/", "jaeger/{traceId}", "javascript:alert({traceId})"]) {
    assert.throws(
      () => readConfig({ SIDELIGHT_TRACE_URL: wrong }),
      /it must be an http or https address with {traceId}/,
    );
  }
});

test("what looks like a typing mistake is named with what it may stand for", () => {
  const env = {
    SIDELIGHT_GRPC_LISTN: "x",
    SIDELIGHT_WHATEVER: "y",
    SIDELIGHT_SERVER: "of the command line",
    SIDELIGHT_CACHE: "of the demo",
    SIDELIGHT_SERVICE_HOST: "10.0.0.1",
    SIDELIGHT_CONTROL_PORT_9400_TCP_ADDR: "10.0.0.1",
    PATH: "/bin",
  };
  assert.equal(readConfig(env).warnings, [
    "There is no setting SIDELIGHT_GRPC_LISTN, so it has no effect; did you mean SIDELIGHT_GRPC_LISTEN?",
    "There is no setting SIDELIGHT_WHATEVER, so it has no effect; docs/settings.md lists those there are",
  ]);
});

test("docs/settings.md lists every variable that control and the tap read, and no other", () => {
  const sources = [
    "config.ts",
    "store-settings.ts",
    "sink-settings.ts",
    "filter-settings.ts",
    "observe-settings.ts",
  ].map((file) => readFileSync(new URL(`../../control/${file}`, import.meta.url), "utf8"));
  const documented = readFileSync(new URL("../../docs/settings.md", import.meta.url), "utf8");
  const names = (text: string, pattern: RegExp): string[] =>
    [...text.matchAll(pattern)].map(([, name]) => name ?? "").sort();
  const read = names(sources.join("\n"), /^ {2}(SIDELIGHT_[A-Z_]+):/gm);
  assert.ok(read.length > 5);
  const [table = "", ofTap = ""] = documented.split("## Other parts")[0]!.split("## Tap");
  assert.equal(names(table, /^\| `(SIDELIGHT_[A-Z_]+)`/gm), read);
  const tap = readFileSync(new URL("../../tap/settings.ts", import.meta.url), "utf8");
  const readByTap = names(tap, /variable: "(SIDELIGHT_[A-Z_]+)"/g);
  assert.equal(names(ofTap, /^\| `(SIDELIGHT_[A-Z_]+)`/gm), readByTap);
});

test.run();
