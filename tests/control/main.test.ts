import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { Outcome, Side, Switch } from "#proto/ingest.ts";
import type { NamedRequests } from "../../control/api/named-request.ts";
import type { SeriesTold } from "../../control/api/series-answers.ts";
import type { EdgeTotal } from "../../control/store/store.ts";
import { batchOf } from "./batches.ts";
import { ControlEnded, ControlProcess } from "./control-process.ts";
import { ReporterClient } from "./reporter-client.ts";
import { until } from "./until.ts";

const INVENTORY = `
clusterCidrs: [10.0.0.0/8]
workloads:
  - { namespace: shop, name: orders, addresses: [10.0.0.1] }
  - { namespace: shop, name: user, hosts: [user], addresses: [10.0.0.2] }
  - { namespace: shop, name: user-db, role: store, addresses: [10.0.0.3] }
`;

let folder = "";
let env: NodeJS.ProcessEnv = {};
const running: { close(): unknown }[] = [];

async function startControl(more: NodeJS.ProcessEnv = {}): Promise<ControlProcess> {
  const control = await ControlProcess.start({ ...env, ...more });
  running.push({ close: () => control.end("SIGKILL") });
  return control;
}

function reporter(options: ConstructorParameters<typeof ReporterClient>[0]): ReporterClient {
  const client = new ReporterClient(options);
  running.push(client);
  return client;
}

test.before.each(() => {
  folder = mkdtempSync(join(tmpdir(), "sidelight-control-"));
  writeFileSync(join(folder, "inventory.yaml"), INVENTORY);
  env = { SIDELIGHT_DATA_DIR: join(folder, "data"), SIDELIGHT_INVENTORY: join(folder, "inventory.yaml") };
});

test.after.each(async () => {
  for (const part of running.splice(0).reverse()) await part.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Polls until the totals hold so many requests in all, and gives them; the last ones seen when they never do. */
async function totalsOf(control: ControlProcess, requests: number): Promise<EdgeTotal[]> {
  let edges: EdgeTotal[] = [];
  for (let attempt = 0; attempt < 200; attempt += 1) {
    edges = await control.totals();
    if (sumOf(edges) >= requests) break;
    await sleep(50);
  }
  return edges;
}

function sumOf(edges: readonly EdgeTotal[]): number {
  return edges.reduce((sum, { outcomes }) => sum + Object.values(outcomes).reduce((a, b) => a + b, 0), 0);
}

test("what reporters send is named, and counted exactly", async () => {
  const control = await startControl();
  const server = reporter({ target: control.grpc, hello: { namespace: "shop", workload: "user" } });
  const client = reporter({ target: control.grpc, hello: { addresses: ["10.0.0.1"] } });
  for (let i = 0; i < 20; i += 1) {
    server.send(
      batchOf([
        { peer: { address: "10.0.0.1" }, count: 40, buckets: [10, 30, 500, 10] },
        { peer: { address: "10.0.0.1" }, count: 2, outcome: Outcome.OUTCOME_SERVER_ERROR, status: 500 },
        { peer: { address: "203.0.113.9" }, count: 1 },
        { side: Side.SIDE_OUTBOUND, peer: { address: "10.0.0.3:5432" }, count: 3 },
      ]),
    );
    client.send(
      batchOf([
        { side: Side.SIDE_OUTBOUND, peer: { address: "10.0.0.2:80", cluster: "user" }, count: 42 },
        {
          side: Side.SIDE_OUTBOUND,
          peer: { cluster: "user" },
          count: 1,
          outcome: Outcome.OUTCOME_NOT_REACHED,
          status: 503,
        },
      ]),
    );
  }
  await Promise.all([server.flushed(), client.flushed()]);
  assert.is(server.settings?.maxEndpoints, 200);
  const edges = await totalsOf(control, 20 * (42 + 1 + 3 + 1));
  const none = { success: 0, clientError: 0, serverError: 0, notReached: 0, noAnswer: 0 };
  const byEnds = new Map(edges.map((edge) => [`${edge.client}>${edge.server}`, edge.outcomes]));
  assert.equal(byEnds.get("shop/orders>shop/user"), { ...none, success: 800, serverError: 40, notReached: 20 });
  assert.equal(byEnds.get("external/clients>shop/user"), { ...none, success: 20 });
  assert.equal(byEnds.get("shop/user>shop/user-db"), { ...none, success: 60 });
  assert.is(byEnds.size, 3);
  const status = await control.json<{ reporters: { node: string; sequence: number }[] }>("/api/v1/status");
  assert.equal(status.reporters.map(({ node, sequence }) => `${node} ${sequence}`).sort(), [
    "shop/orders 20",
    "shop/user 20",
  ]);
});

test("requests by name travel from a reporter to the API, unless they are switched off", async () => {
  const exemplar = { path: "/cards/17", durationMicros: 250_000, requestId: "r-1", traceId: "ab".repeat(16) };
  for (const [setting, told] of [
    ["on", Switch.SWITCH_UNSPECIFIED],
    ["off", Switch.SWITCH_OFF],
  ] as const) {
    const dataDir = join(folder, setting);
    const control = await startControl({ SIDELIGHT_DATA_DIR: dataDir, SIDELIGHT_EXEMPLARS: setting });
    const server = reporter({ target: control.grpc, hello: { namespace: "shop", workload: "user" } });
    server.send(
      batchOf([{ peer: { address: "10.0.0.1" }, route: "/cards/{id}" }], {
        exemplars: [exemplar, { ...exemplar, path: "/cards/17?secret" }],
      }),
    );
    await server.flushed();
    assert.is(server.settings?.exemplars, told);
    assert.is(sumOf(await totalsOf(control, 1)), 1);
    const { exemplars } = await control.json<NamedRequests>("/api/v1/exemplars?server=shop/user");
    const found = exemplars.map(({ client, route, path, durationMs, traceId }) => [
      ...[client, route, path, durationMs, traceId],
    ]);
    const expected = ["shop/orders", "/cards/{id}", "/cards/17", 250, "ab".repeat(16)];
    assert.equal(found, setting === "on" ? [expected] : []);
    const { losses } = await control.json<{ losses: unknown[] }>("/api/v1/snapshot");
    assert.equal(losses, setting === "on" ? [{ kind: "exemplarsCut", count: 1 }] : []);
    assert.is(await control.end("SIGTERM"), 0);
  }
});

test("killed three times while reporters send: exact", async () => {
  let control = await startControl();
  const grpc = control.grpc;
  // The killed process's port must be there again for reporters that come back, as a Service's address is.
  const again = { SIDELIGHT_GRPC_LISTEN: grpc };
  const clients = [1, 2, 3].map(() => reporter({ target: grpc, hello: { namespace: "shop", workload: "user" } }));
  let sent = 0;
  const timer = setInterval(() => {
    for (const client of clients) {
      client.send(batchOf([{ peer: { address: "10.0.0.1" }, count: 7, buckets: [3, 7] }]));
      sent += 7;
    }
  }, 10);
  running.push({ close: () => clearInterval(timer) });
  for (let round = 0; round < 3; round += 1) {
    await sleep(150 + 130 * round);
    await control.end("SIGKILL");
    control = await startControl(again);
  }
  await sleep(200);
  clearInterval(timer);
  await Promise.all(clients.map((client) => client.flushed()));
  const edges = await totalsOf(control, sent);
  assert.is(sumOf(edges), sent);
  assert.ok(clients.every((client) => client.stats.streams > 3));
  await sleep(400);
  assert.is(sumOf(await control.totals()), sent, "nothing is counted once more");
});

test("SIGTERM ends in order: what was acknowledged is in the store at the next start", async () => {
  const control = await startControl();
  const client = reporter({ target: control.grpc, hello: { namespace: "shop", workload: "user" } });
  client.send(batchOf([{ peer: { address: "10.0.0.1" }, count: 5 }]));
  await client.flushed();
  client.close();
  assert.is(await control.end("SIGTERM"), 0);
  assert.ok(control.log.some((line) => line.msg === "stopped"));
  const next = await startControl();
  assert.is(sumOf(await totalsOf(next, 5)), 5);
  const snapshot = await next.json<{ edges: { id: string }[] }>("/api/v1/snapshot");
  assert.equal(
    snapshot.edges.map((edge) => edge.id),
    ["shop/orders>shop/user/http"],
    "the world is filled from the store",
  );
});

test("a second control on the same folder is refused, and says which process holds it", async () => {
  const control = await startControl();
  const error = await startControl().then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.instance(error, ControlEnded);
  assert.match((error as ControlEnded).message, /held by another control \(process \d+\)/);
  assert.is(await control.end("SIGTERM"), 0);
});

test("an inventory that changes is taken over; a bad edit is refused with its line", async () => {
  const control = await startControl();
  const path = join(folder, "inventory.yaml");
  writeFileSync(path, INVENTORY.replace("role: store", "role: sotre"));
  await until(() => control.log.some((line) => line.level === "error"), 2000);
  const refused = control.log.find((line) => line.level === "error");
  assert.match(JSON.stringify(refused), /line 6, workloads\[2\]\.role/);
  writeFileSync(path, `${INVENTORY}  - { namespace: shop, name: carts, addresses: [10.0.0.9] }\n`);
  await until(async () => {
    const { nodes } = await control.json<{ nodes: { id: string }[] }>("/api/v1/snapshot");
    return nodes.some((node) => node.id === "shop/carts");
  }, 2000);
});

test("learned routes: taught, moved in the history, kept over a kill; documents and annotations go before", async () => {
  const documents = join(folder, "openapi");
  mkdirSync(documents);
  const more = { SIDELIGHT_OPENAPI_DIR: documents };
  let control = await startControl(more);
  const server = reporter({ target: () => control.grpc, hello: { namespace: "shop", workload: "user" } });
  const client = reporter({ target: () => control.grpc, hello: { addresses: ["10.0.0.1"] } });
  const toUser = { address: "10.0.0.2:80", cluster: "user" };
  const ask = (path: string, startMs: number): void => {
    server.send(batchOf([{ peer: { address: "10.0.0.1" }, route: path, buckets: [9, 1] }], { startMs }));
    client.send(batchOf([{ side: Side.SIDE_OUTBOUND, peer: toUser, route: path, buckets: [9, 1] }], { startMs }));
  };
  const now = Date.now();
  const names = Array.from({ length: 150 }, (_, at) => [...String(at)].map((digit) => "abcdefghij"[+digit]).join(""));
  for (const [at, name] of names.entries()) ask(`/users/${name}`, now - 600_000 + (at % 50) * 10_000);
  await Promise.all([server.flushed(), client.flushed()]);
  const placesOf = (one: ReporterClient): string[] =>
    (one.settings?.serviceRoutes ?? []).flatMap(({ cluster, idPlaces }) =>
      idPlaces.map((place) => `${cluster} ${place}`),
    );
  await until(() => placesOf(server).length === 1 && placesOf(client).length === 1, 2_000);
  assert.equal([placesOf(server), placesOf(client)], [[" /users/{id}"], ["user /users/{id}"]]);

  const requestsOf = async (route: string): Promise<number> => {
    const range = `from=${now - 700_000}&to=${now + 60_000}&step=60000`;
    const query = `/api/v1/series?server=shop/user&route=${encodeURIComponent(route)}&${range}`;
    const { series } = await control.json<SeriesTold>(query);
    return series[0]!.total.outcomes.success;
  };
  await until(async () => (await requestsOf("/users/{id}")) === 150, 1_000);
  assert.is(await requestsOf(`/users/${names[3]}`), 0);

  await control.end("SIGKILL");
  control = await startControl({ ...more, SIDELIGHT_GRPC_LISTEN: control.grpc });
  const sibling = reporter({ target: () => control.grpc, hello: { addresses: ["10.0.0.1"] } });
  await until(() => sibling.settings !== undefined, 1_000);
  assert.equal(placesOf(sibling), ["user /users/{id}"], "a pod that was just started knows what its workload calls");
  ask("/users/another", now);
  await Promise.all([server.flushed(), client.flushed()]);
  await until(async () => (await requestsOf("/users/{id}")) === 151, 1_000);
  assert.is(sumOf(await control.totals()), 151, "nothing is lost, and nothing counted twice");
  assert.match(await control.metrics(), /sidelight_routes_places 1\n/);

  const document = { openapi: "3.1.0", paths: { "/users/{userName}": {} } };
  writeFileSync(join(documents, "shop.user.yaml"), JSON.stringify(document));
  await until(async () => (await requestsOf("/users/{userName}")) === 151, 2_000);
  await until(() => server.settings?.serviceRoutes[0]?.rules[0] === "/users/{userName}", 2_000);
  const annotated = INVENTORY.replace(
    "hosts: [user],",
    'hosts: [user], annotations: { sidelight.dev/routes: "/users/{who}" },',
  );
  writeFileSync(join(folder, "inventory.yaml"), annotated);
  await until(async () => (await requestsOf("/users/{who}")) === 151, 2_000);
  const { rules } = await control.json<{ rules: { rule: string; source: string }[] }>(
    "/api/v1/routes?server=shop/user",
  );
  assert.equal(
    rules.map(({ rule, source }) => `${source} ${rule}`),
    ["annotation /users/{who}", "openapi /users/{userName}", "learned /users/{id}"],
  );
});

test("wrong settings end the start with the variable, its value and the mend", async () => {
  const error = await startControl({ SIDELIGHT_HTTP_LISTEN: "nine" }).catch((reason: unknown) => reason as Error);
  assert.match((error as Error).message, /SIDELIGHT_HTTP_LISTEN is "nine"; it must be HOST:PORT/);
});

test.run();
