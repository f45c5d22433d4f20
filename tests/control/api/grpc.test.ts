import { credentials, Metadata, type ServiceError, status } from "@grpc/grpc-js";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  GetTopologyRequest,
  Health,
  ListEndpointsRequest,
  ListWorkloadsRequest,
  NodeKind,
  StatsClient,
} from "#proto/stats.ts";
import type {
  GetTopologyResponse,
  ListEndpointsResponse,
  ListWorkloadsResponse,
  WatchTopologyResponse,
} from "#proto/stats.ts";
import type { Snapshot } from "../../../control/world/model.ts";
import { type ControlOptions, type ControlUnderTest, startControl } from "./fixture-control.ts";
import { shopSecond } from "./fixture-shop.ts";
import { edge, endpoint, node, snapshot } from "./fixture-snapshot.ts";

const stats = suite("gRPC Stats service");

async function during(
  options: ControlOptions,
  check: (client: StatsClient, control: ControlUnderTest) => Promise<void>,
): Promise<void> {
  const control = await startControl(options);
  const client = new StatsClient(control.grpc, credentials.createInsecure(), { "grpc.enable_http_proxy": 0 });
  try {
    await check(client, control);
  } finally {
    client.close();
    await control.close();
  }
}

function call<Response>(
  start: (done: (error: ServiceError | null, response: Response) => void) => unknown,
): Promise<Response> {
  return new Promise((resolve, reject) => start((error, response) => (error ? reject(error) : resolve(response))));
}

async function refusalOf(promise: Promise<unknown>): Promise<ServiceError> {
  const error: unknown = await promise.then(
    () => new Error("It was answered"),
    (reason: unknown) => reason,
  );
  assert.ok(typeof (error as ServiceError).code === "number", String(error));
  return error as ServiceError;
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}

function watch(client: StatsClient) {
  const stream = client.watchTopology({});
  const messages = (stream as AsyncIterable<WatchTopologyResponse>)[Symbol.asyncIterator]();
  return {
    stream,
    next: async (): Promise<WatchTopologyResponse> => {
      const { done, value } = (await messages.next()) as IteratorResult<WatchTopologyResponse, undefined>;
      if (done) throw new Error("The stream ended");
      return value;
    },
  };
}

stats("lists workloads, all or those of a namespace, and nothing that is none", async () => {
  await during({}, async (client) => {
    const list = async (namespace: string): Promise<string[]> => {
      const { workloads } = await call<ListWorkloadsResponse>((done) =>
        client.listWorkloads(ListWorkloadsRequest.create({ namespace }), done),
      );
      return workloads.map(({ id }) => id);
    };
    assert.equal(await list(""), ["shop/front-end", "shop/orders", "shop/user", "shop/user-db"]);
    assert.equal(await list("shop"), ["shop/front-end", "shop/orders", "shop/user", "shop/user-db"]);
    assert.equal(await list("billing"), []);
  });
});

stats("answers the topology with everything that was added before the call", async () => {
  await during({ empty: true }, async (client, { world }) => {
    const ask = async () =>
      (await call<GetTopologyResponse>((done) => client.getTopology(GetTopologyRequest.create(), done))).topology!;
    assert.equal((await ask()).edges, []);
    for (const window of shopSecond(Date.now() - 5_000)) world.add(window);
    let topology = await ask();
    // Asked again within the time that computing took, the same snapshot is given out again.
    while (topology.edges.length === 0) topology = await ask();
    assert.is(topology.edges.length, 4);
    const database = topology.edges.find(({ protocol }) => protocol === "tcp")!;
    assert.equal([database.client, database.server], ["shop/user", "shop/user-db"]);
    assert.is(database.active, 7);
    assert.is(database.red?.p99Seconds, undefined, "connections have no latency");
    const moved = [database.requestBytesRate, database.responseBytesRate];
    assert.equal(
      moved.map((rate) => Math.round(rate * topology.windowSeconds)),
      [8_750, 31_250],
    );
    assert.ok(Math.abs(database.lifetimeP99Seconds! - 5_400) < 54, `lived ${database.lifetimeP99Seconds} s`);
    const [requests] = topology.edges.filter(({ protocol }) => protocol === "http");
    assert.equal([requests!.requestBytesRate, requests!.lifetimeP50Seconds], [0, undefined]);
    const cards = topology.edges.find(
      ({ client: from, server }) => from === "shop/front-end" && server === "shop/user",
    )!;
    assert.is(cards.health, Health.HEALTH_FAILING);
    assert.is(cards.total, 10);
    assert.is(cards.red?.requests, 10);
    assert.is(cards.red?.serverErrors, 4);
    assert.is(cards.red?.errorShare, 0.4);
    assert.ok(Math.abs(cards.red!.p99Seconds! - 0.03) < 0.0003, `p99 ${cards.red!.p99Seconds}`);
  });
});

stats("says in the contract's words what the world says in its own", async () => {
  const healths = ["idle", "healthy", "degraded", "failing", "affected"] as const;
  const kinds = ["workload", "store", "unmeshed", "external", "unresolved"] as const;
  const given = snapshot({
    atMs: 1_767_225_600_250,
    nodes: healths.map((health, index) => node(`shop/${health}`, { health, kind: kinds[index]!, reason: "why" })),
  });
  await during({ snapshots: { snapshot: () => given } }, async (client) => {
    const { topology } = await call<GetTopologyResponse>((done) =>
      client.getTopology(GetTopologyRequest.create(), done),
    );
    assert.equal(topology?.at, new Date(1_767_225_600_250));
    assert.is(topology?.windowSeconds, 30);
    const { nodes } = topology!;
    assert.equal(
      nodes.map(({ health }) => health),
      [
        Health.HEALTH_IDLE,
        Health.HEALTH_HEALTHY,
        Health.HEALTH_DEGRADED,
        Health.HEALTH_FAILING,
        Health.HEALTH_AFFECTED,
      ],
    );
    assert.equal(
      nodes.map(({ kind }) => kind),
      [
        NodeKind.NODE_KIND_WORKLOAD,
        NodeKind.NODE_KIND_STORE,
        NodeKind.NODE_KIND_UNMESHED,
        NodeKind.NODE_KIND_EXTERNAL,
        NodeKind.NODE_KIND_UNRESOLVED,
      ],
    );
    assert.equal(nodes[0]!.reason, "why");
  });
});

stats("lists endpoints merged over the clients, or those that one client asks for", async () => {
  await during({}, async (client) => {
    const list = async (server: string, from: string) => {
      return (
        await call<ListEndpointsResponse>((done) =>
          client.listEndpoints(ListEndpointsRequest.create({ server, client: from }), done),
        )
      ).endpoints;
    };
    const all = await list("", "");
    assert.is(all.length, 4);
    assert.is(all[0]!.health, Health.HEALTH_FAILING);
    const [cards] = await list("shop/user", "");
    assert.equal([cards!.server, cards!.method, cards!.route], ["shop/user", "GET", "/cards/{id}"]);
    assert.is(cards!.red?.errorShare, 0.2);
    assert.ok(Math.abs(cards!.red!.p50Seconds! - 0.03) < 0.0003, `p50 ${cards!.red!.p50Seconds}`);
    const asked = await list("shop/user", "shop/orders");
    assert.equal(asked.map(({ route }) => route).sort(), ["/addresses/{id}", "/cards/{id}"]);
    assert.ok(asked.every(({ red }) => red?.serverErrors === 0));
  });
});

stats("names the server that it does not know", async () => {
  await during({}, async (client) => {
    const ask = (server: string, from = "") =>
      refusalOf(
        call<ListEndpointsResponse>((done) =>
          client.listEndpoints(ListEndpointsRequest.create({ server, client: from }), done),
        ),
      );
    const unknown = await ask("shop/nobody");
    assert.is(unknown.code, status.NOT_FOUND);
    assert.match(unknown.details, 'No server "shop/nobody"');
    const from = await ask("shop/user", "shop/nobody");
    assert.is(from.code, status.NOT_FOUND);
    assert.match(from.details, 'No client "shop/nobody"');
    const long = await ask("x".repeat(100_000));
    assert.is(long.code, status.INVALID_ARGUMENT);
    assert.match(long.details, "100000 characters");
  });
});

stats("tells the log, not the client, how the world failed", async () => {
  const snapshots = {
    snapshot: () => {
      throw new Error("secret trouble");
    },
  };
  await during({ snapshots }, async (client, { errors }) => {
    const error = await refusalOf(
      call<GetTopologyResponse>((done) => client.getTopology(GetTopologyRequest.create(), done)),
    );
    assert.is(error.code, status.INTERNAL);
    assert.not.match(error.details, "secret");
    assert.match(String(errors.find(({ message }) => message.includes("Stats.GetTopology"))?.cause), "secret trouble");
    assert.is((await refusalOf(watch(client).next())).code, status.INTERNAL);
  });
});

stats("a watch tells the topology at once and each time it was computed anew", async () => {
  let atMs = 0;
  await during({ snapshots: { snapshot: () => snapshot({ atMs: ++atMs }) } }, async (client, { feed }) => {
    const { stream, next } = watch(client);
    const times: number[] = [];
    while (times.length < 5) times.push((await next()).topology!.at!.getTime());
    assert.equal(
      times,
      [...new Set(times)].sort((a, b) => a - b),
    );
    assert.is(feed.stats.subscribers, 1);
    stream.cancel();
    assert.is((await refusalOf(next().then(next).then(next))).code, status.CANCELLED);
    await until(() => feed.stats.subscribers === 0);
  });
});

stats("a watch ends at its deadline and frees its place", async () => {
  await during({ feed: { maxIntervalMs: 3_600_000 } }, async (client, { feed }) => {
    const stream = client.watchTopology({}, new Metadata(), { deadline: Date.now() + 300 });
    const error = await new Promise<ServiceError>((resolve) => stream.on("data", () => {}).on("error", resolve));
    assert.is(error.code, status.DEADLINE_EXCEEDED);
    await until(() => feed.stats.subscribers === 0);
  });
});

stats("refuses watches past the limit until one ends", async () => {
  await during({ maxWatches: 2 }, async (client, { feed }) => {
    const watches = [watch(client), watch(client)];
    for (const each of watches) await each.next();
    const error = await refusalOf(watch(client).next());
    assert.is(error.code, status.RESOURCE_EXHAUSTED);
    assert.match(error.details, "All 2 places");
    watches[0]!.stream.on("error", () => {}).cancel();
    await until(() => feed.stats.subscribers === 1);
    await watch(client).next();
  });
});

stats("refuses watches past the limit of the feed", async () => {
  await during({ feed: { maxSubscribers: 1 } }, async (client) => {
    await watch(client).next();
    assert.is((await refusalOf(watch(client).next())).code, status.RESOURCE_EXHAUSTED);
  });
});

stats("a watcher that does not read skips to the newest", async () => {
  const edges = Array.from({ length: 2_000 }, (_edge, index) => {
    return edge(`shop/a-client-with-a-long-name-${index}`, "shop/server", [endpoint("GET", "/", 9)]);
  });
  const given = { snapshot: (): Snapshot => snapshot({ atMs: Date.now(), edges }) };
  await during({ snapshots: given }, async (client, { feed }) => {
    const { stream, next } = watch(client);
    await next();
    stream.pause();
    await until(() => feed.stats.skipped >= 3);
    const resumedAtMs = Date.now();
    let received = 1;
    for (let at = 0; at < resumedAtMs; received++) at = (await next()).topology!.at!.getTime();
    assert.ok(received + 3 <= feed.stats.published + 1, `${received} of ${feed.stats.published}`);
    stream.on("error", () => {}).cancel();
    await until(() => feed.stats.subscribers === 0);
  });
});

stats.run();
