/** Workloads, topology and endpoints over both APIs: the same questions, the same answers, the same refusals. */
import { status } from "@grpc/grpc-js";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Attribute, End, FilterOperator } from "#proto/stats.ts";
import type { Filter, GetTopologyRequest } from "#proto/stats.ts";
import { toEndpoint, toNode, toTopology } from "../../../control/api/mapping.ts";
import type { EndpointsAnswer, TopologyAnswer, WorkloadsAnswer } from "../../../control/api/topology-answers.ts";
import { type BothApis, plain, refusal, startBoth, violation } from "./fixture-both.ts";
import { loud } from "../../loud.ts";

const topology = suite("Topology over both APIs");

let both: BothApis;
let past: { at: Date; window: { seconds: number; nanos: number } };

topology.before(
  loud(async () => {
    both = await startBoth();
    past = { at: new Date(both.thenMs), window: { seconds: 10, nanos: 0 } };
  }),
);

topology.after(() => both.close());

const words: Readonly<Record<string, Partial<Filter>>> = {
  "namespace=shop": { attribute: Attribute.ATTRIBUTE_NAMESPACE, value: "shop" },
  "client.workload=user": { attribute: Attribute.ATTRIBUTE_WORKLOAD, end: End.END_CLIENT, value: "user" },
  "workload!~^(user|orders)": {
    attribute: Attribute.ATTRIBUTE_WORKLOAD,
    operator: FilterOperator.FILTER_OPERATOR_NOT_MATCHES,
    value: "^(user|orders)",
  },
  "protocol!=tcp": {
    attribute: Attribute.ATTRIBUTE_PROTOCOL,
    operator: FilterOperator.FILTER_OPERATOR_NOT_EQUALS,
    value: "tcp",
  },
  "health=failing": { attribute: Attribute.ATTRIBUTE_HEALTH, value: "failing" },
};

function filterOf(word: string): Filter {
  return {
    attribute: Attribute.ATTRIBUTE_UNSPECIFIED,
    end: End.END_UNSPECIFIED,
    operator: FilterOperator.FILTER_OPERATOR_EQUALS,
    value: "",
    ...words[word],
  };
}

for (const filters of [[], ...Object.keys(words).map((word) => [word]), ["namespace=shop", "protocol!=tcp"]]) {
  for (const when of ["now", "then"] as const) {
    topology(`edges and endpoints ${when}, ${filters.join(" and ") || "all"}: both APIs say the same`, async () => {
      const asked = { filters: filters.map(filterOf), ...(when === "then" && past) };
      const instant =
        when === "then"
          ? ([
              ["at", String(both.thenMs)],
              ["window", "10"],
            ] as const)
          : [];
      const parameters = [...instant, ...filters.map((filter) => ["filter", filter] as const)];
      const told = await both.http<TopologyAnswer>("topology", parameters);
      assert.equal(plain(await both.grpc.topology(asked)), plain(toTopology(told)));
      const endpoints = await both.http<EndpointsAnswer>("endpoints", parameters);
      assert.equal(plain((await both.grpc.endpoints(asked)).endpoints), plain(endpoints.endpoints.map(toEndpoint)));
    });
  }
}

topology("edges are picked by both ends, and nodes are those at the ends of what is left", async () => {
  const ends = async (...filters: string[]): Promise<string[]> => {
    const { edges } = await both.grpc.topology({ filters: filters.map(filterOf) });
    return edges.map((edge) => `${edge.client} ${edge.server}`);
  };
  assert.equal(await ends("client.workload=user"), ["shop/user shop/user-db"]);
  assert.equal(await ends("workload!~^(user|orders)"), ["external/internet shop/front-end"]);
  assert.equal(await ends("health=failing"), ["shop/front-end shop/user"]);
  const { nodes } = await both.grpc.topology({ filters: [filterOf("client.workload=user")] });
  assert.equal(
    nodes.map(({ id }) => id),
    ["shop/user", "shop/user-db"],
  );
  const quiet = await both.grpc.topology({ filters: [filterOf("namespace=shop")] });
  assert.ok(quiet.nodes.some(({ id }) => id === "shop/orders"));
});

topology("workloads are picked, now and then", async () => {
  const ids = ({ workloads }: { workloads: readonly { id: string }[] }) => workloads.map(({ id }) => id);
  const failing = await both.grpc.workloads({ filters: [filterOf("health=failing")] });
  assert.equal(ids(failing), ["shop/user"]);
  const told = await both.http<WorkloadsAnswer>("workloads", [
    ["at", String(both.thenMs)],
    ["window", "10"],
  ]);
  const asked = await both.grpc.workloads(past);
  assert.equal(plain(asked.workloads), plain(told.workloads.map(toNode)));
  assert.equal([asked.at?.getTime(), asked.windowSeconds], [both.thenMs, 10]);
  assert.equal(ids(asked), ["shop/front-end", "shop/orders", "shop/user", "shop/user-db"]);
});

topology("an endpoint is told over the clients that are left, and judged as a whole", async () => {
  const [cards, ...others] = (await both.grpc.endpoints({ filters: [filterOf("health=failing")] })).endpoints;
  assert.equal(others, []);
  assert.is(cards?.red?.errorShare, 0.2, "those of both clients");
  const { endpoints } = await both.http<EndpointsAnswer>("endpoints", [["filter", "client.workload=orders"]]);
  assert.equal(endpoints.map(({ route }) => route).sort(), ["/addresses/{id}", "/cards/{id}"]);
  assert.ok(endpoints.every(({ red }) => red.serverErrors === 0));
});

topology("how many connections were open is not known of the past", async () => {
  const active = ({ edges }: { edges: readonly { protocol: string; active?: number | undefined }[] }) =>
    edges.find(({ protocol }) => protocol === "tcp")?.active;
  assert.is(active(await both.grpc.topology()), 7);
  assert.is(active(await both.grpc.topology(past)), undefined);
});

topology("what is wrong is named by its field, in either words", async () => {
  const wrong = filterOf("health=failing");
  const cases: readonly [
    GetTopologyRequest | Partial<GetTopologyRequest>,
    string,
    readonly (readonly [string, string])[],
  ][] = [
    [{ filters: [wrong, { ...wrong, value: "ill" }] }, "filters[1].value", [["filter", "health=ill"]]],
    [{ filters: [{ ...wrong, attribute: Attribute.ATTRIBUTE_POD }] }, "filters[0].attribute", [["filter", "pod=x"]]],
    [{ filters: [{ ...wrong, attribute: 99 as Attribute }] }, "filters[0].attribute", [["filter", "colour=red"]]],
    [{ filters: [{ ...wrong, operator: 99 as FilterOperator }] }, "filters[0].operator", [["filter", "kind<3"]]],
    [{ filters: [{ ...wrong, end: End.END_SERVER }] }, "filters[0].end", [["filter", "client.health=idle"]]],
    [
      { filters: Array.from({ length: 17 }, () => wrong) },
      "filters",
      Array.from({ length: 17 }, () => ["filter", "kind=store"] as const),
    ],
    [{ ...past, at: new Date(Date.now() + 60_000) }, "at", [["at", String(Date.now() + 60_000)]]],
    [{ ...past, at: new Date(-1) }, "at", [["at", "-1"]]],
    [
      { ...past, window: { seconds: -5, nanos: 0 } },
      "window",
      [
        ["at", String(both.thenMs)],
        ["window", "-5"],
      ],
    ],
    [
      { ...past, window: { seconds: 366 * 86_400, nanos: 0 } },
      "window",
      [
        ["at", String(both.thenMs)],
        ["window", "31622400"],
      ],
    ],
    [
      { ...past, window: { seconds: 1, nanos: 5 } },
      "window",
      [
        ["at", String(both.thenMs)],
        ["window", "1.5"],
      ],
    ],
    [{ window: { seconds: 30, nanos: 0 } }, "window", [["window", "30"]]],
  ];
  for (const [request, field, parameters] of cases) {
    const refused = await refusal(both.grpc.topology(request));
    assert.is(refused.code, status.INVALID_ARGUMENT, `${field}: ${refused.message}`);
    assert.equal(violation(refused.metadata), [field, refused.details]);
    assert.match(refused.details, `"${field}"`);
    const told = await refusal(both.http("topology", parameters));
    assert.equal([told.status, told.field], [400, field.replace(/^filters.*/, "filter")], told.message);
  }
  const prometheus = await refusal(both.http("topology", [["filter", "workload=~^cart"]]));
  assert.match(prometheus.message, "is written workload~^cart");
  assert.is((await refusal(both.http("topology", [["route", "/"]]))).field, "route");
});

topology("a date that no date can name is refused and not crashed on", async () => {
  const bytes = Buffer.concat([
    // Field 1, a Timestamp of 9 bytes of varint: the largest number of seconds there is.
    Buffer.from([0x0a, 10, 0x08]),
    Buffer.from([0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f]),
  ]);
  const raw = await refusal(
    new Promise((resolve, reject) => {
      const send = (each: Buffer): Buffer => each;
      both.client.makeUnaryRequest("/sidelight.v1.Stats/GetTopology", send, send, bytes, (error, answer) =>
        error ? reject(error) : resolve(answer),
      );
    }),
  );
  assert.is.not(raw.code, undefined);
  assert.ok((await both.grpc.topology()).edges.length > 0, "control lives");
});

topology.run();
