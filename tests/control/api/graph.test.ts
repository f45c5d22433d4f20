/** Groups and neighbourhoods over both APIs. */
import { status } from "@grpc/grpc-js";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Attribute, Direction, FilterOperator, NodeKind } from "#proto/stats.ts";
import type { Filter, GetTopologyRequest } from "#proto/stats.ts";
import { toTopology } from "../../../control/api/mapping.ts";
import type { TopologyAnswer } from "../../../control/api/topology-answers.ts";
import { type BothApis, plain, refusal, startBoth, violation } from "./fixture-both.ts";
import { loud } from "../../loud.ts";

const graph = suite("The graph over both APIs");

let both: BothApis;

graph.before(
  loud(async () => {
    both = await startBoth();
  }),
);

graph.after(() => both.close());

type Parameters = readonly (readonly [string, string])[];

/** A question in the words of both APIs. */
interface Asked {
  readonly request: Partial<GetTopologyRequest>;
  readonly parameters: Parameters;
}

/** Of the ten seconds in the history. */
function past({ request, parameters }: Asked): Asked {
  const at = { at: new Date(both.thenMs), window: { seconds: 10, nanos: 0 } };
  return { request: { ...request, ...at }, parameters: [...parameters, ["at", String(both.thenMs)], ["window", "10"]] };
}

/** What both answer, which is the same. */
async function topology({ request, parameters }: Asked) {
  const asked = await both.grpc.topology(request);
  const told = await both.http<TopologyAnswer>("topology", parameters);
  assert.equal(plain(asked), plain(toTopology(told)));
  return told;
}

/** Both refuse it: the field over gRPC and the parameter over HTTP are named. */
async function refusedOf(asked: Asked, field: string, parameter: string): Promise<string> {
  const refused = await refusal(both.grpc.topology(asked.request));
  assert.is(refused.code, status.INVALID_ARGUMENT, refused.message);
  assert.equal(violation(refused.metadata), [field, refused.details]);
  const told = await refusal(both.http("topology", asked.parameters));
  assert.equal([told.status, told.field], [400, parameter], told.message);
  return told.message;
}

const byNamespace: Asked = {
  request: { groupBy: Attribute.ATTRIBUTE_NAMESPACE },
  parameters: [["groupBy", "namespace"]],
};

graph("namespaces, now and then: figures add up, and percentiles are those of all requests", async () => {
  for (const asked of [byNamespace, past(byNamespace)]) {
    const { nodes, edges, windowSeconds } = await topology(asked);
    assert.equal(
      nodes.map(({ id, kind, memberCount }) => [id, kind, memberCount]),
      [
        ["external/*", "external", 1],
        ["shop", null, 4],
      ],
    );
    assert.equal(
      edges.map(({ id, health, red }) => [id, health, red.requests]),
      [
        ["external/*>shop/http", "healthy", 40 * windowSeconds],
        ["shop>shop/http", "failing", 40 * windowSeconds],
        ["shop>shop/tcp", "healthy", windowSeconds],
      ],
    );
    const inside = edges[1]!.red;
    assert.is(inside.errorShare, 0.1);
    // A second: 20 of 8 ms, 6 of 10 ms, 4 of 30 ms, 10 of 100 ms.
    assert.ok(Math.abs(inside.p50Ms! - 8) <= 0.1 && Math.abs(inside.p95Ms! - 100) <= 1, JSON.stringify(inside));
    assert.is(nodes[1]!.inbound.requests, 81 * windowSeconds);
    assert.match(edges[1]!.findings[0]!.text, "shop/front-end > shop/user: ");
  }
  const { nodes } = await both.grpc.topology(byNamespace.request);
  assert.equal(
    nodes.map(({ kind }) => kind),
    [NodeKind.NODE_KIND_EXTERNAL, NodeKind.NODE_KIND_UNSPECIFIED],
  );
});

graph("filters come first, then groups; pages are of groups", async () => {
  const { edges } = await topology({
    request: { ...byNamespace.request, filters: [{ attribute: Attribute.ATTRIBUTE_PROTOCOL, value: "tcp" } as never] },
    parameters: [...byNamespace.parameters, ["filter", "protocol=tcp"]],
  });
  assert.equal(
    edges.map(({ id }) => id),
    ["shop>shop/tcp"],
  );
  const page = await both.grpc.topologyPage({ ...byNamespace.request, pageSize: 2 });
  const last = await both.grpc.topologyPage({ ...byNamespace.request, pageToken: page.nextPageToken });
  assert.equal([page.topology!.edges.length, last.topology!.edges.length], [2, 1]);
  const other = await refusal(both.grpc.topologyPage({ pageToken: page.nextPageToken }));
  assert.is(other.code, status.INVALID_ARGUMENT, "a token of groups goes on with groups");
});

graph("services; workloads are what is told without groups", async () => {
  const services = await topology({
    request: { groupBy: Attribute.ATTRIBUTE_SERVICE },
    parameters: [["groupBy", "service"]],
  });
  assert.equal(
    services.nodes.map(({ id, members }) => [id, members]),
    ["external/internet", "shop/front-end", "shop/orders", "shop/user", "shop/user-db"].map((id) => [id, [id]]),
  );
  const workloads = await topology({
    request: { groupBy: Attribute.ATTRIBUTE_WORKLOAD },
    parameters: [["groupBy", "workload"]],
  });
  assert.equal(workloads.edges, (await both.http<TopologyAnswer>("topology")).edges);
  assert.is(workloads.nodes[0]?.members, undefined);
});

graph("what makes no groups is refused by its name", async () => {
  const refused = (groupBy: Attribute, word: string): Promise<string> =>
    refusedOf({ request: { groupBy }, parameters: [["groupBy", word]] }, "group_by", "groupBy");
  assert.match(await refused(Attribute.ATTRIBUTE_KIND, "kind"), "there are workload, namespace, service, pod");
  await refused(Attribute.ATTRIBUTE_HEALTH, "health");
  await refused(99 as Attribute, "colour");
  await refused(98 as Attribute, "toString");
});

/** Nodes and edges of a neighbourhood, which both APIs answer. */
async function around(asked: Asked): Promise<string> {
  const { nodes, edges } = await topology(asked);
  const short = (id: string): string => id.replace("shop/", "");
  return [...nodes.map(({ id }) => short(id)), ...edges.map((edge) => `${short(edge.client)}>${short(edge.server)}`)]
    .sort()
    .join(" ");
}

const { DIRECTION_CLIENTS, DIRECTION_SERVERS } = Direction;

graph("what lies around a workload, so many hops either way, now and then", async () => {
  const user = (request: Partial<GetTopologyRequest>, ...parameters: Parameters): Asked => {
    return { request: { around: "shop/user", ...request }, parameters: [["around", "shop/user"], ...parameters] };
  };
  const near = "front-end front-end>user orders orders>user user user-db user>user-db";
  for (const when of [(asked: Asked) => asked, past]) {
    assert.is(await around(when(user({}))), near);
    assert.is(
      await around(when(user({ hops: 2 }, ["hops", "2"], ["direction", "both"]))),
      `external/internet external/internet>front-end ${near}`,
    );
    assert.is(
      await around(when(user({ hops: 9, direction: DIRECTION_SERVERS }, ["hops", "9"], ["direction", "servers"]))),
      "user user-db user>user-db",
    );
    assert.is(
      await around(when(user({ direction: DIRECTION_CLIENTS }, ["direction", "clients"]))),
      "front-end front-end>user orders orders>user user",
    );
  }
});

const notTcp: Filter = {
  attribute: Attribute.ATTRIBUTE_PROTOCOL,
  end: 0,
  operator: FilterOperator.FILTER_OPERATOR_NOT_EQUALS,
  value: "tcp",
};

graph("filters, then the neighbourhood, then groups", async () => {
  const asked: Asked = {
    request: { around: "shop/user", filters: [notTcp] },
    parameters: [
      ["around", "shop/user"],
      ["filter", "protocol!=tcp"],
    ],
  };
  assert.is(await around(asked), "front-end front-end>user orders orders>user user");
  const { nodes, edges } = await topology({
    request: { ...asked.request, ...byNamespace.request },
    parameters: [...asked.parameters, ...byNamespace.parameters],
  });
  assert.equal(
    [nodes.map(({ id, members }) => [id, members?.length]), edges.map(({ id }) => id)],
    [[["shop", 3]], ["shop>shop/http"]],
  );
});

graph("a node that nobody knows is not found, and near names are offered", async () => {
  for (const asked of [{ request: {}, parameters: [] }, past({ request: {}, parameters: [] })]) {
    const refused = await refusal(both.grpc.topology({ ...asked.request, around: "shop/usr" }));
    assert.is(refused.code, status.NOT_FOUND);
    assert.is(refused.details, 'No node "shop/usr" is known; did you mean shop/user?');
    const told = await refusal(both.http("topology", [...asked.parameters, ["around", "shop/usr"]]));
    assert.equal([told.status, told.field, told.message], [404, "around", refused.details]);
  }
  const long = "x".repeat(513);
  await refusedOf({ request: { around: long }, parameters: [["around", long]] }, "around", "around");
});

graph("hops and directions that cannot be are refused by their names", async () => {
  const node = { around: "shop/user" };
  const at: Parameters = [["around", "shop/user"]];
  await refusedOf({ request: { ...node, hops: 11 }, parameters: [...at, ["hops", "11"]] }, "hops", "hops");
  await refusedOf({ request: { hops: 2 }, parameters: [["hops", "2"]] }, "hops", "hops");
  const alone: Asked = { request: { direction: DIRECTION_CLIENTS }, parameters: [["direction", "clients"]] };
  await refusedOf(alone, "direction", "direction");
  const unknown: Asked = {
    request: { ...node, direction: 9 as Direction },
    parameters: [...at, ["direction", "up"]],
  };
  await refusedOf(unknown, "direction", "direction");
});

graph.run();
