/**
 * Plugin configurations that nobody meant, each at a listener of its own of one real Envoy: it starts, what passes is
 * counted, and the log says what is used instead.
 */
import { suite } from "uvu";
import * as assert from "uvu/assert";

import { type RunningEnvoy, startEnvoy } from "../envoy.ts";
import { loud } from "../loud.ts";
import { type Bootstrap, type Listener, sidecarBootstrap } from "./bootstrap.ts";
import { Receiver } from "./receiver.ts";
import { type Closable, ask, hangUp, startApp, until } from "./traffic.ts";

interface Case {
  readonly name: string;
  /** The plugin's `configuration`; none where it is left out. */
  readonly configuration?: object;
  /** What the log has to say, each once a VM. */
  readonly lines: readonly RegExp[];
  /** The side on which its requests are counted, where it says none the listener's. */
  readonly side?: "in" | "out";
}

const TYPE = "type.googleapis.com/google.protobuf";
const text = (value: string) => ({ "@type": `${TYPE}.StringValue`, value });
const bytes = (value: Buffer) => ({ "@type": `${TYPE}.BytesValue`, value: value.toString("base64") });
const struct = (value: object) => ({ "@type": `${TYPE}.Struct`, value });

const empty = /configuration is empty; using the defaults/;
const notJson = /configuration is not a JSON object from byte \d+ on; using the defaults for all of it/;
const unknown = /configuration has a key that is unknown, "colour"/;
const wrongInterval = /in the plugin configuration "interval_ms" has to be a number/;

const cases: readonly Case[] = [
  { name: "none", lines: [empty] },
  { name: "empty", configuration: text(""), lines: [empty] },
  { name: "blank", configuration: text(" \n\t"), lines: [empty] },
  { name: "words", configuration: text("side: outbound"), lines: [notJson] },
  { name: "list", configuration: text('["side"]'), lines: [notJson] },
  { name: "cut", configuration: text('{"side": "outbound", "routes": ["/a'), lines: [notJson] },
  { name: "binary", configuration: bytes(Buffer.from([0x7b, 0, 0xff, 0xfe, 0x22, 0xc0, 0x80])), lines: [notJson] },
  { name: "number", configuration: { "@type": `${TYPE}.Int64Value`, value: "7" }, lines: [notJson] },
  {
    name: "newer",
    configuration: text('{"version": 2, "side": "outbound", "colour": {"a": [1]}}'),
    lines: [/configuration is of version 2, this filter knows version 1; using what it knows/],
    side: "out",
  },
  {
    name: "types",
    configuration: text('{"cluster": 1, "side": "outbound", "interval_ms": "soon", "exemplars": 0, "routes": {}}'),
    lines: [/"cluster" has to be a name/, wrongInterval, /"exemplars" has to be true/, /"routes" has to be a list/],
    side: "out",
  },
  { name: "unknown", configuration: text('{"colour": 1, "side": "outbound", "x": 2}'), lines: [unknown], side: "out" },
  {
    name: "huge",
    configuration: text(JSON.stringify({ side: "outbound", routes: Array<string>(20_000).fill("/a/{b}") })),
    lines: [/larger than 65000 bytes \(it has \d{6}\); using the defaults/],
  },
  {
    name: "deep",
    configuration: text(`{"colour": ${"[".repeat(20_000)}${"]".repeat(20_000)}, "side": "outbound"}`),
    lines: [unknown],
    side: "out",
  },
  // Whatever Envoy's documentation says, it hands such a one over in its wire format.
  { name: "struct", configuration: struct({ side: "outbound" }), lines: [notJson] },
  {
    name: "good",
    configuration: text('{"version": 1, "side": "outbound", "interval_ms": 200}'),
    lines: [],
    side: "out",
  },
];

interface Parts {
  receiver: Receiver;
  app: Closable;
  envoy: RunningEnvoy;
}

const test = suite<Parts>("a configuration that nobody meant");

test.before(
  loud(async (parts) => {
    parts.receiver = await new Receiver().start();
    parts.app = await startApp();
    const { app, receiver } = parts;
    const bootstrap = sidecarBootstrap({
      app: app.port,
      payment: app.port,
      database: app.port,
      control: receiver.port,
    });
    parts.envoy = await startEnvoy(withCases(bootstrap));
  }),
);

test.after(async ({ envoy, receiver, app }) => {
  hangUp();
  await envoy?.stop();
  receiver?.kill();
  await app?.close();
});

/** A listener for each case, like the example's inbound one. */
function withCases(bootstrap: Bootstrap): Bootstrap {
  const { listeners } = bootstrap.static_resources;
  const inbound = listeners.find(({ name }) => name === "inbound")!;
  listeners.splice(0, listeners.length, ...cases.map((each) => listenerOf(inbound, each)));
  return bootstrap;
}

function listenerOf(like: Listener, { name, configuration }: Case): Listener {
  const listener = structuredClone(like);
  listener.name = name;
  const http = listener.filter_chains[0]!.filters[0]!.typed_config as unknown as { http_filters: HttpFilter[] };
  const { config } = http.http_filters[0]!.typed_config;
  Object.assign(config, { name: `sidelight-${name}`, root_id: `sidelight-${name}`, configuration });
  if (!configuration) delete config["configuration"];
  return listener;
}

interface HttpFilter {
  typed_config: { config: Record<string, unknown> };
}

test("every listener comes up, and what passes is counted", async ({ envoy, receiver }) => {
  const expected: Record<string, number> = {};
  for (const { name, side = "in" } of cases) {
    for (let i = 0; i < 3; i++) assert.is(await ask(envoy.port(name), { path: `/${name}/${i}` }), 200, name);
    const peer = side === "in" ? "127.0.0.1" : String.raw`127.0.0.1:\d+,inbound\|8080\|\|`;
    expected[`^${side} ${peer} http GET /${name}/{id} success 200$`] = 3;
  }
  const counted = () => Object.values(receiver.counts).reduce((a, b) => a + b, 0);
  await until(
    () => counted() >= cases.length * 3,
    () => JSON.stringify(receiver.counts, null, 1),
  );
  const counts = Object.entries(receiver.counts);
  assert.is(counts.length, cases.length);
  for (const [pattern, count] of Object.entries(expected)) {
    const found = counts.filter(([key]) => new RegExp(pattern).test(key));
    assert.equal(
      found.map(([, n]) => n),
      [count],
      `${pattern} in ${JSON.stringify(receiver.counts, null, 1)}`,
    );
  }
});

for (const { name, lines } of cases) {
  test(`the log on one that is ${name}`, ({ envoy }) => {
    const told = envoy
      .log()
      .split("\n")
      .filter((line) => line.includes(` sidelight-${name} `) && line.includes("plugin configuration"));
    for (const line of lines)
      assert.ok(
        told.some((each) => line.test(each)),
        `${line} in:\n${told.join("\n")}`,
      );
    for (const each of told)
      assert.ok(
        lines.some((line) => line.test(each)),
        `not expected: ${each}`,
      );
  });
}

test.run();
