import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Attribute, End, Filter, FilterOperator, PodOrder } from "#proto/stats.ts";
import type { ListPodsResponse, Pod } from "#proto/stats.ts";
import type { PodsAnswer } from "../../../control/api/pod-answers.ts";
import { toPod, toTopology } from "../../../control/api/mapping.ts";
import type { TopologyAnswer } from "../../../control/api/topology-answers.ts";
import { loud } from "../../loud.ts";
import { plain, refusal, startBoth, violation } from "./fixture-both.ts";
import type { BothApis } from "./fixture-both.ts";

const test = suite("pods over both APIs");
let apis: BothApis;

test.before(loud(async () => void (apis = await startBoth())));
test.after(() => apis.close());

const filter = (attribute: Attribute, value: string, differing: Partial<Filter> = {}): Filter =>
  Filter.create({ attribute, value, ...differing });

function names({ pods }: ListPodsResponse): string[] {
  return pods.map(({ id, workload }) => id || `${workload}?`);
}

/** When the history was filled, as either API is asked for it. */
function then(): { grpc: { at: Date; window: { seconds: number; nanos: number } }; http: [string, string][] } {
  const http: [string, string][] = [
    ["at", `${apis.thenMs}`],
    ["window", "10"],
  ];
  return { grpc: { at: new Date(apis.thenMs), window: { seconds: 10, nanos: 0 } }, http };
}

test("pods are ranked by requests, errors and bytes, and both APIs say the same, now and of the past", async () => {
  const orders = [
    [PodOrder.POD_ORDER_UNSPECIFIED, "requests", "shop/front-end-0"],
    [PodOrder.POD_ORDER_ERRORS, "errors", "shop/front-end-0"],
    [PodOrder.POD_ORDER_BYTES, "bytes", "shop/user-0"],
  ] as const;
  for (const when of [{ grpc: {}, http: [] }, then()]) {
    for (const [order, word, first] of orders) {
      const answer = await apis.grpc.pods({ ...when.grpc, order });
      const { pods, ...window } = await apis.http<PodsAnswer>("pods", [...when.http, ["order", word]]);
      assert.equal(plain(answer.pods), plain(pods.map(toPod)));
      assert.equal([answer.at?.getTime(), answer.windowSeconds], [window.atMs, window.windowSeconds]);
      assert.is(names(answer)[0], first);
      const all = ["shop/front-end-0", "shop/orders-0", "shop/user-0", "shop/user-1", "shop/user-db?"];
      assert.equal(names(answer).sort(), all, "hosts outside have no pods");
    }
  }
});

test("a pod is told where it ran, what it served and what it sent; who has no known pod is told too", async () => {
  const { pods } = await apis.grpc.pods(then().grpc);
  const podOf = (id: string): Pod => pods.find((pod) => pod.id === id)!;
  const [user, store] = [podOf("shop/user-0"), podOf("")];
  assert.equal([user.workload, user.node, user.version], ["shop/user", "worker-0", "v1"]);
  const [inbound, outbound] = [user.inbound!, user.outbound!];
  assert.equal([inbound.requests, inbound.serverErrors, outbound.requests], [100, 40, 10]);
  assert.equal([user.outboundBytesRate, outbound.p50Seconds], [40_000, undefined]);
  assert.equal([store.workload, store.node, store.inbound!.requests], ["shop/user-db", "", 10]);
});

test("pods of one workload, and those that match", async () => {
  assert.equal(names(await apis.grpc.pods({ workload: "shop/user" })).sort(), ["shop/user-0", "shop/user-1"]);
  const cases: [Filter, string, string[]][] = [
    [filter(Attribute.ATTRIBUTE_VERSION, "v2"), "version=v2", ["shop/user-1"]],
    [
      filter(Attribute.ATTRIBUTE_POD, "-0$", { operator: FilterOperator.FILTER_OPERATOR_NOT_MATCHES }),
      "pod!~-0$",
      ["shop/user-1", "shop/user-db?"],
    ],
    [filter(Attribute.ATTRIBUTE_POD, "user-1"), "pod=user-1", ["shop/user-1"]],
    [filter(Attribute.ATTRIBUTE_KIND, "store"), "kind=store", ["shop/user-db?"]],
  ];
  for (const [asked, words, expected] of cases) {
    const answer = await apis.grpc.pods({ filters: [asked] });
    assert.equal(names(answer).sort(), expected, words);
    const { pods } = await apis.http<PodsAnswer>("pods", [["filter", words]]);
    assert.equal(plain(pods.map(toPod)), plain(answer.pods));
  }
});

test("pods come page by page, all of one moment", async () => {
  const whole = names(await apis.grpc.pods());
  const paged: string[] = [];
  let pageToken = "";
  do {
    const page = await apis.grpc.pods({ pageSize: 2, pageToken });
    paged.push(...names(page));
    pageToken = page.nextPageToken;
  } while (pageToken !== "");
  assert.equal(paged, whole);
});

test("the topology by pod, node and version has the requests of the workloads, over both APIs and in the past", async () => {
  const groupings = [
    [Attribute.ATTRIBUTE_POD, "pod", ["shop/user-0", "shop/user-1", "shop/user-db/~unknown", "external/internet"]],
    [Attribute.ATTRIBUTE_NODE, "node", ["worker-0", "worker-1", "~unknown", "external/internet"]],
    [Attribute.ATTRIBUTE_VERSION, "version", ["shop/user@v1", "shop/user@v2", "shop/user-db@~unknown"]],
  ] as const;
  for (const when of [{ grpc: {}, http: [] }, then()]) {
    const workloads = await apis.grpc.topology(when.grpc);
    const requests = ({ edges }: typeof workloads): number => edges.reduce((sum, { red }) => sum + red!.requests, 0);
    for (const [groupBy, word, ids] of groupings) {
      const topology = await apis.grpc.topology({ ...when.grpc, groupBy });
      const answer = await apis.http<TopologyAnswer>("topology", [...when.http, ["groupBy", word]]);
      assert.equal(plain(topology), plain(toTopology({ ...answer })));
      assert.is(requests(topology), requests(workloads), word);
      const told = new Set(topology.nodes.map(({ id }) => id));
      assert.ok(
        ids.every((id) => told.has(id)),
        [...told].join(" "),
      );
    }
  }
});

test("of the topology by pod the pod at fault is told, and the others are not", async () => {
  const { nodes, edges } = await apis.http<TopologyAnswer>("topology", [...then().http, ["groupBy", "pod"]]);
  const health = Object.fromEntries(nodes.map(({ id, health }) => [id, health]));
  assert.equal([health["shop/user-0"], health["shop/user-1"]], ["failing", "healthy"]);
  const failing = edges.filter((edge) => edge.health === "failing");
  assert.equal(
    failing.map(({ id, findings }) => [id, findings[0]?.text]),
    [["shop/front-end-0>shop/user-0/http", "40 % errors (limit 5 %)"]],
  );
  const store = nodes.find(({ id }) => id === "shop/user-db/~unknown");
  assert.equal(
    [store?.kind, store?.reason, store?.members],
    ["store", "it is not known which pod it was", ["shop/user-db"]],
  );
});

test("edges between pods are filtered by pod, node and version of either end", async () => {
  const server = filter(Attribute.ATTRIBUTE_VERSION, "v2", { end: End.END_SERVER });
  const { edges } = await apis.grpc.topology({ groupBy: Attribute.ATTRIBUTE_POD, filters: [server] });
  const ids = edges.map(({ client, server }) => `${client}>${server}`);
  assert.equal(ids, ["shop/orders-0>shop/user-1"]);
  const parameters: [string, string][] = [
    ["groupBy", "workload"],
    ["filter", "client.node=worker-0"],
  ];
  const why = "node is known of pods only, and these are edges of workloads";
  assert.match((await refusal(apis.http("topology", parameters))).message, why);
  const refused = await refusal(apis.grpc.topology({ filters: [filter(Attribute.ATTRIBUTE_NODE, "worker-0")] }));
  assert.is(violation(refused.metadata)[0], "filters[0].attribute");
});

test("around a workload, the pods of what lies there", async () => {
  const idsOf = ({ nodes }: { readonly nodes: readonly { readonly id: string }[] }): string[] =>
    nodes.map(({ id }) => id);
  for (const when of [{ grpc: {}, http: [] }, then()]) {
    const grpc = { ...when.grpc, groupBy: Attribute.ATTRIBUTE_POD, around: "shop/user-db", hops: 1 };
    const http: [string, string][] = [...when.http, ["groupBy", "pod"], ["around", "shop/user-db"]];
    const near = await apis.grpc.topology(grpc);
    assert.equal(idsOf(near), ["shop/user-0", "shop/user-db/~unknown"]);
    assert.equal(plain(near), plain(toTopology(await apis.http<TopologyAnswer>("topology", http))));
    const further = await apis.http<TopologyAnswer>("topology", [...http, ["hops", "2"]]);
    const both = ["shop/front-end-0", "shop/orders-0", "shop/user-0", "shop/user-1", "shop/user-db/~unknown"];
    assert.equal(idsOf(further), both, "from workload to workload, whichever pods");
  }
  const parameters: [string, string][] = [
    ["groupBy", "pod"],
    ["around", "shop/usr"],
  ];
  assert.is((await refusal(apis.http("topology", parameters))).status, 404);
});

test("bad questions are refused with the field at fault", async () => {
  const { message, field } = await refusal(apis.http("pods", [["order", "name"]]));
  assert.equal([field, /must be requests, bytes or errors/.test(message)], ["order", true]);
  assert.is(violation((await refusal(apis.grpc.pods({ order: 9 as PodOrder }))).metadata)[0], "order");
  assert.match((await refusal(apis.grpc.pods({ workload: "shop/usr" }))).message, 'No node "shop/usr" is known');
  assert.is((await refusal(apis.http("pods", [["workload", "shop/usr"]]))).status, 404);
  assert.is((await refusal(apis.http("pods", [["filter", "route=/"]]))).field, "filter");
  assert.is((await refusal(apis.http("topology", [["groupBy", "route"]]))).field, "groupBy");
});

test.run();
