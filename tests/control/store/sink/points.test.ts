import { test } from "uvu";
import * as assert from "uvu/assert";
import { SinkPoints } from "../../../../control/store/sink/points.ts";
import { bucketsOf } from "../../../../control/world/histogram.ts";
import { connections, observation, timed } from "../../world/fixtures.ts";

const SHOP = { client: "shop/front-end", server: "shop/orders", route: "/orders/{id}" };
const TAGS =
  "client_namespace=shop,client_workload=front-end,method=GET,{}protocol=http,route=/orders/{id},server_namespace=shop,server_workload=orders";

/** The line of these tags; in order of their names, as the protocol has them. */
const line = (measurement: string, fields: string, more = ""): string =>
  `${measurement},${more.startsWith("le") ? TAGS.replace("method", `${more},method`).replace("{}p", "p") : TAGS.replace("{}", more && `${more},`)} ${fields} 60000`;

test("an endpoint is told by outcome, with ready percentiles and buckets that add up", () => {
  const lines = new SinkPoints().linesOf(
    [timed(8, 7, SHOP), timed(2, 180, { ...SHOP, outcome: "serverError", status: 500 })],
    60_000,
  );
  const requests = (outcome: string, count: number) =>
    line("sidelight_slot", `requests=${count}i`, `outcome=${outcome}`);
  assert.ok(lines.includes(requests("success", 8)), lines[0]);
  assert.ok(lines.includes(requests("server_error", 2)));
  const bucket = (le: string, count: number) => line("sidelight_slot_duration_seconds", `bucket=${count}i`, `le=${le}`);
  for (const [le, count] of [
    ["0.01", 8],
    ["0.1", 8],
    ["0.25", 10],
    ["30", 10],
    ["+Inf", 10],
  ] as const) {
    assert.ok(lines.includes(bucket(le, count)), `${le}: ${lines.join("\n")}`);
  }
  assert.not(
    lines.some((one) => one.includes("le=0.005")),
    "empty ones below the first are left out",
  );
  const [ready = ""] = lines.filter((one) => one.includes("p99="));
  const [, count, sum, p50, p99] = /count=(\d+)i,sum=([\d.]+),p50=([\d.]+),p95=[\d.]+,p99=([\d.]+) /.exec(ready)!;
  assert.is(count, "10");
  assert.ok(Math.abs(Number(sum) - 0.416) < 0.005 && Math.abs(Number(p50) - 0.007) < 0.0001 && Number(p99) > 0.178);
});

test("two reporters of the same requests are told once, with what only the client can know", () => {
  const source = { ...SHOP, side: "source" } as const;
  const lines = new SinkPoints().linesOf(
    [
      observation({ ...SHOP, count: 10 }),
      observation({ ...source, count: 10 }),
      observation({ ...source, count: 3, outcome: "notReached" }),
    ],
    60_000,
  );
  const counts = lines.map((one) => /outcome=(\w+),.* requests=(\d+)i/.exec(one)?.slice(1).join(" "));
  assert.equal(counts.sort(), ["not_reached 3", "success 10"]);
});

test("TCP has connections and bytes, and no durations", () => {
  const moved = connections({ client: "shop/orders", server: "shop/db", count: 2, requestBytes: 5, responseBytes: 70 });
  const lines = new SinkPoints().linesOf([{ ...moved, buckets: bucketsOf([1e6]) }], 60_000);
  assert.equal(
    lines.map((one) => one.split(" ")[1]),
    ["connections=2i", "request_bytes=5i,response_bytes=70i"],
  );
});

test("endpoints without end become ~other of their edge, and are counted", () => {
  const points = new SinkPoints();
  const minted = Array.from({ length: 21_000 }, (_, at) => observation({ ...SHOP, route: `/${at}` }));
  const lines = points.linesOf(minted, 60_000);
  assert.is(lines.length, 20_001);
  assert.match(lines.at(-1)!, /route=~other.* requests=1000i/);
  assert.is(points.cut, 1_000);
  assert.is(points.linesOf(minted.slice(0, 5), 120_000).length, 5, "those that are known stay");
});

test.run();
