/**
 * A store behind opaque TCP, from a real Envoy to control's APIs: what its connections carry is known while they are open,
 * exact to the byte, also when control is killed in between.
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import type net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";

import type { EdgeTotal } from "../../control/store/store.ts";
import type { Snapshot, SnapshotEdge } from "../../control/world/model.ts";
import { ControlProcess } from "../control/control-process.ts";
import { type RunningEnvoy, startEnvoy } from "../envoy.ts";
import { loud } from "../loud.ts";
import { sidecarBootstrap } from "../wasm-filter/bootstrap.ts";
import { Client, answer, portOf, serve } from "../wasm-filter/tcp-traffic.ts";
import { eventually } from "./stack.ts";

interface Parts {
  folder: string;
  store: net.Server;
  control: ControlProcess;
  envoy: RunningEnvoy;
}

const EDGE = "shop/orders>shop/orders-db/tcp";
const INVENTORY = `
workloads:
  - { namespace: shop, name: orders, addresses: [10.0.0.1] }
  - { namespace: shop, name: orders-db, kind: StatefulSet, role: store, addresses: [10.0.0.2] }
`;

const test = suite<Parts>("a store behind opaque TCP");

test.before(
  loud(async (parts) => {
    parts.folder = await mkdtemp(join(tmpdir(), "sidelight-e2e-tcp-"));
    await writeFile(join(parts.folder, "inventory.yaml"), INVENTORY);
    parts.store = await serve(answer);
    parts.control = await ControlProcess.start(environment(parts));
    const store = portOf(parts.store);
    const control = Number(parts.control.grpc.split(":").pop());
    parts.envoy = await startEnvoy(sidecarBootstrap({ app: store, payment: store, database: store, control }));
  }),
);

test.after(async ({ folder, store, control, envoy }) => {
  await envoy?.stop();
  await control?.end("SIGTERM");
  store?.close();
  if (folder) await rm(folder, { recursive: true, force: true });
});

function environment({ folder }: Pick<Parts, "folder">): NodeJS.ProcessEnv {
  return { SIDELIGHT_DATA_DIR: join(folder, "data"), SIDELIGHT_INVENTORY: join(folder, "inventory.yaml") };
}

/** [connections, bytes to the server, bytes from it] of the history, once they are as expected or time is up. */
async function totals(parts: Parts, expected: readonly number[]): Promise<number[]> {
  const ask = async (): Promise<number[]> => {
    const { edges } = await parts.control.json<{ edges: EdgeTotal[] }>(`/api/v1/totals?to=${Date.now() + 60_000}`);
    const edge = edges.find(({ server, protocol }) => server === "shop/orders-db" && protocol === "tcp");
    return edge ? [edge.outcomes.success, edge.requestBytes, edge.responseBytes] : [];
  };
  return eventually(ask, (found) => JSON.stringify(found) === JSON.stringify(expected));
}

async function edgeOnce(parts: Parts, isRight: (edge: SnapshotEdge) => boolean): Promise<SnapshotEdge> {
  const ask = async (): Promise<SnapshotEdge | undefined> =>
    (await parts.control.json<Snapshot>("/api/v1/snapshot")).edges.find(({ id }) => id === EDGE);
  const edge = await eventually(ask, (found) => found !== undefined && isRight(found));
  assert.ok(edge, `no edge ${EDGE}`);
  return edge;
}

test("bytes are exact while connections are open, over a kill of control, and when they have closed", async (parts) => {
  const clients = [1, 2, 3].map(() => new Client(parts.envoy.port("orders-db")));
  const sum = (of: (client: Client) => number): number => clients.reduce((total, client) => total + of(client), 0);
  const carried = (): number[] => [3, sum(({ sent }) => sent), sum(({ got }) => got)];
  const ask = async (bytes: number): Promise<void> => {
    for (const [at, client] of clients.entries()) await client.ask(bytes * (at + 1));
  };

  await ask(10_000);
  assert.equal(await totals(parts, carried()), carried());
  const open = await edgeOnce(parts, ({ active, responseBytesRate }) => active === 3 && responseBytesRate > 0);
  assert.equal([open.active, open.health, open.shownFrom], [3, "healthy", "source"]);
  assert.ok(open.requestBytesRate > 0 && open.responseBytesRate > open.requestBytesRate);
  assert.equal(open.lifetime, { p50Ms: null, p95Ms: null, p99Ms: null }, "none has closed");

  await parts.control.end("SIGKILL");
  await ask(333);
  parts.control = await ControlProcess.start({
    ...environment(parts),
    SIDELIGHT_GRPC_LISTEN: parts.control.grpc,
    SIDELIGHT_HTTP_LISTEN: parts.control.http,
  });
  await ask(1);
  assert.equal(await totals(parts, carried()), carried());

  for (const client of clients) await client.close();
  const closed = await edgeOnce(parts, ({ active, lifetime }) => active === 0 && lifetime.p99Ms !== null);
  assert.equal([closed.active, closed.red.p99Ms], [0, null], "how long they lived is no latency");
  assert.ok(closed.lifetime.p50Ms! > 0);
  assert.equal(await totals(parts, carried()), carried());
  const [, sent, got] = carried();
  assert.is(await parts.envoy.stat("cluster.orders-db.shop.upstream_cx_tx_bytes_total"), sent);
  assert.is(await parts.envoy.stat("cluster.orders-db.shop.upstream_cx_rx_bytes_total"), got);
});

test.run();
