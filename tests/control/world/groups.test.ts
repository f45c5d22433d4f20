import { test } from "uvu";
import * as assert from "uvu/assert";
import { mergeObservations } from "../../../control/identity/merge-observations.ts";
import type { NodeIdentity } from "../../../control/identity/node.ts";
import type { Observation, Outcome } from "../../../control/identity/observation.ts";
import { GROUPINGS, mergeGroups } from "../../../control/world/groups.ts";
import type { GroupBy } from "../../../control/world/groups.ts";
import { bucketsOf, quantile } from "../../../control/world/histogram.ts";
import { healthRank } from "../../../control/world/health.ts";
import type { Percentiles, Snapshot } from "../../../control/world/model.ts";
import { Picture } from "../../../control/world/picture.ts";
import { withoutEndpoints } from "../../../control/world/topology.ts";
import type { Topology } from "../../../control/world/topology.ts";
import { World } from "../../../control/world/world.ts";
import { START_MS, identity, observation, windowOf } from "./fixtures.ts";
import { randomOf } from "./random.ts";

interface Seen {
  readonly snapshot: Snapshot;
  readonly durationsOver: (edges: readonly string[]) => Percentiles;
}

const nodes: readonly NodeIdentity[] = [
  ...["shop/cart", "shop/cart-canary", "shop/db", "pay/api", "pay/worker"].map((id) => ({
    ...identity(id),
    service: id.startsWith("shop/cart") ? "cart" : id.split("/")[1]!,
  })),
  { ...identity("external/clients", "external"), namespace: "" },
  { ...identity("external/api.bank", "external"), namespace: "" },
  { ...identity("unresolved/tcp", "unresolved"), namespace: "", reason: "nobody knows" },
];

/** Traffic between all of them, with the values that were timed by edge. */
function traffic(seed: number): { observations: readonly Observation[]; micros: Map<string, number[]> } {
  const random = randomOf(seed);
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)]!;
  const micros = new Map<string, number[]>();
  const observations = Array.from({ length: 60 }, () => {
    const protocol = pick(["http", "grpc", "tcp"] as const);
    const [client, server] = [pick(nodes).id, pick(nodes).id];
    const values = Array.from({ length: 1 + Math.floor(random() * 5) }, () => Math.floor(random() ** 4 * 5e6));
    const edge = `${client}>${server}/${protocol}`;
    micros.set(edge, [...(micros.get(edge) ?? []), ...values]);
    return observation({
      ...{ client, server, protocol, count: values.length, buckets: bucketsOf(values) },
      route: protocol === "tcp" ? "" : pick(["/", "/a", "/b"]),
      outcome: pick<Outcome>(["success", "clientError", "serverError", "notReached", "noAnswer"]),
      ...(protocol === "tcp" && { requestBytes: Math.floor(random() * 1e6), responseBytes: 7, active: 2 }),
    });
  });
  return { observations: mergeObservations(observations), micros };
}

function worldOf(observations: readonly Observation[]): Seen {
  const world = new World();
  world.setKnown(nodes);
  world.add(windowOf(observations));
  return { snapshot: world.snapshot(START_MS + 5_000), durationsOver: (edges) => world.durationsOver(edges) };
}

function grouped({ snapshot, durationsOver }: Seen, by: GroupBy): Topology {
  const { edges } = snapshot;
  return mergeGroups({ ...snapshot, edges: edges.map(withoutEndpoints), served: edges }, GROUPINGS[by], durationsOver);
}

function totalOf(items: readonly number[]): number {
  return items.reduce((sum, item) => sum + item, 0);
}

/** Everything that adds up. */
function sums({ edges }: Pick<Topology, "edges">): unknown {
  return (["http", "grpc", "tcp"] as const).map((protocol) => {
    const own = edges.filter((edge) => edge.protocol === protocol);
    return [
      ...(["requests", "clientErrors", "serverErrors", "notReached"] as const).map((field) =>
        totalOf(own.map(({ red }) => red[field])),
      ),
      totalOf(own.map(({ total }) => total)),
      totalOf(own.map(({ active }) => active ?? 0)),
      Math.round(totalOf(own.map(({ requestBytesRate }) => requestBytesRate))),
      Math.round(totalOf(own.map(({ responseBytesRate }) => responseBytesRate))),
    ];
  });
}

function p99Of(micros: readonly number[]): number | null {
  const value = quantile(bucketsOf(micros), 0.99);
  return value === null ? null : value / 1_000;
}

for (let seed = 1; seed <= 25; seed++) {
  for (const by of ["namespace", "service"] as const) {
    test(`nothing is lost or told twice by ${by}, and percentiles are those of all values (seed ${seed})`, () => {
      const { observations, micros } = traffic(seed);
      const seen = worldOf(observations);
      const topology = grouped(seen, by);
      assert.equal(sums(topology), sums(seen.snapshot));

      const group = new Map(seen.snapshot.nodes.map((node) => [node.id, GROUPINGS[by](node).id]));
      for (const edge of topology.edges) {
        const parts = seen.snapshot.edges.filter(
          ({ client, server, protocol }) =>
            group.get(client) === edge.client && group.get(server) === edge.server && protocol === edge.protocol,
        );
        const values = parts.flatMap(({ id }) => micros.get(id) ?? []);
        assert.is(edge.protocol === "tcp" ? edge.lifetime.p99Ms : edge.red.p99Ms, p99Of(values), edge.id);
        assert.is(edge.protocol === "tcp" ? edge.red.p99Ms : edge.lifetime.p99Ms, null);
        assert.is(healthRank(edge.health), Math.min(...parts.map(({ health }) => healthRank(health))));
      }
      assert.is(totalOf(topology.nodes.map(({ memberCount }) => memberCount!)), seen.snapshot.nodes.length);
      for (const { id, inbound, members, health } of topology.nodes) {
        const own = seen.snapshot.nodes.filter((node) => group.get(node.id) === id);
        assert.equal(members, own.map((node) => node.id).sort());
        assert.is(inbound.requests, totalOf(own.map((node) => node.inbound.requests)));
        const served = [...micros].filter(([edge]) => members!.some((member) => edge.includes(`>${member}/`)));
        const timed = served.filter(([edge]) => !edge.endsWith("/tcp")).flatMap(([, values]) => values);
        assert.is(inbound.p99Ms, p99Of(timed), id);
        assert.is(healthRank(health), Math.min(...own.map((node) => healthRank(node.health))));
      }
    });
  }
}

test("the past is grouped as the present was", () => {
  const { observations } = traffic(3);
  const range = { fromMs: START_MS, toMs: START_MS + 1_000 };
  const picture = new Picture({ observations, nodes, losses: [], reporters: 1 }, range);
  const past = { snapshot: picture.snapshot, durationsOver: (ids: readonly string[]) => picture.durationsOver(ids) };
  const figures = ({ edges }: Topology) =>
    edges.map(({ id, red, lifetime, health }) => ({ id, red, lifetime, health }));
  const then = figures(grouped(past, "namespace"));
  assert.ok(then.length > 10);
  assert.equal(
    then.map(({ red: { rate: _, ...red }, ...edge }) => ({ ...edge, red })),
    figures(grouped(worldOf(observations), "namespace")).map(({ red: { rate: _, ...red }, ...edge }) => ({
      ...edge,
      red,
    })),
  );
});

test("peers without a namespace are one group of their kind by namespace, and stay themselves by service", () => {
  const seen = worldOf([observation({ client: "external/clients", server: "shop/cart" })]);
  const ids = (by: GroupBy) => grouped(seen, by).nodes.map(({ id, kind, memberCount }) => [id, kind, memberCount]);
  assert.equal(ids("namespace"), [
    ["external/*", "external", 2],
    ["pay", "workload", 2],
    ["shop", "workload", 3],
    ["unresolved/*", "unresolved", 1],
  ]);
  assert.equal(ids("service"), [
    ["external/api.bank", "external", 1],
    ["external/clients", "external", 1],
    ["pay/api", "workload", 1],
    ["pay/worker", "workload", 1],
    ["shop/cart", "workload", 2],
    ["shop/db", "workload", 1],
    ["unresolved/tcp", "unresolved", 1],
  ]);
});

test("an edge inside a group leads from it to itself, and says which of its own is in trouble", () => {
  const failing = { client: "shop/cart", server: "shop/db", outcome: "serverError", count: 20 } as const;
  const { edges, nodes: groups } = grouped(
    worldOf([observation(failing), observation({ client: "shop/cart-canary", server: "shop/cart", count: 5 })]),
    "namespace",
  );
  assert.equal(
    edges.map(({ id, health, red }) => [id, health, red.requests]),
    [["shop>shop/http", "failing", 25]],
  );
  assert.match(edges[0]!.findings[0]!.text, /^shop\/cart > shop\/db: .*errors/);
  assert.is(groups.find(({ id }) => id === "shop")?.health, "failing");
});

test("of a large group a hundred members are named, and all are counted", () => {
  const world = new World();
  const many = Array.from({ length: 130 }, (_each, index) => identity(`shop/w${String(index).padStart(3, "0")}`));
  world.setKnown([...many, identity("shop/db", "store")]);
  const snapshot = world.snapshot(START_MS);
  const [shop] = grouped({ snapshot, durationsOver: (edges) => world.durationsOver(edges) }, "namespace").nodes;
  assert.equal([shop!.memberCount, shop!.members!.length, shop!.members![0]], [131, 100, "shop/db"]);
  assert.is(shop!.kind, null, "not all are of one kind");
});

test.run();
