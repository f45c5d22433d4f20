/**
 * Opaque TCP in a real mesh, with a second plugin for each selection: an API server, istiod, stock Envoys as sidecars, and a whole control
 * with exactly the account that the docs state. Without Istio's agent the two plugins do not share a VM, so each sidecar has two reporters.
 */
import { once } from "node:events";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { until } from "../control/until.ts";
import type { MeshPod } from "../kubernetes/mesh.ts";
import { MeshLoad } from "../kubernetes/mesh-load.ts";
import { getMesh, startMeshedControl } from "../kubernetes/meshed-control.ts";
import type { MeshedControl } from "../kubernetes/meshed-control.ts";
import { annotate, pluginsIn } from "../kubernetes/opted-in.ts";
import { loud } from "../loud.ts";

const tools = await getMesh();
const test = suite<MeshedControl>("opaque TCP in a mesh");
const scenario = (name: string, work: Parameters<typeof test>[1]): void =>
  tools ? test(name, work) : test.skip(name, work);

/** 2 minutes on a machine that has other work. */
const PATIENCE = 24_000;
const BYTES = 5_000;
const CONNECTIONS = 40;

test.before(
  loud(async (parts) => {
    if (tools) Object.assign(parts, await startMeshedControl(tools, { SIDELIGHT_OBSERVE_TCP: "on" }));
  }),
);
test.after(async ({ remove }) => {
  if (tools) await remove();
});

/** Opens a connection to the store, has so many bytes sent back, and closes it. */
async function exchange(from: MeshPod, bytes: number): Promise<void> {
  const socket = from.connect();
  await once(socket, "connect");
  let got = 0;
  socket.on("data", (data: Buffer) => (got += data.length));
  socket.write(Buffer.alloc(bytes, "x"));
  await until(() => got === bytes, PATIENCE);
  socket.end();
  await once(socket, "close");
}

type Sums = Record<string, readonly [count: number, requestBytes: number, responseBytes: number]>;

/** "client -> server protocol" with what was counted of it. */
async function counted({ control }: MeshedControl): Promise<Sums> {
  const totals = await control.process.totals();
  return Object.fromEntries(
    totals.map(({ client, server, protocol, outcomes, requestBytes, responseBytes }) => {
      const count = Object.values(outcomes).reduce((sum, each) => sum + each, 0);
      return [`${client} -> ${server} ${protocol}`, [count, requestBytes, responseBytes]];
    }),
  );
}

/** Once it does not grow any more. */
async function settled(parts: MeshedControl): Promise<Sums> {
  let before = "";
  for (;;) {
    const now = await counted(parts);
    if (JSON.stringify(now) === before) return now;
    before = JSON.stringify(now);
    await new Promise((resolve) => setTimeout(resolve, 3_000));
  }
}

scenario(
  "connections through two sidecars are counted once, by name and to the byte, and HTTP as ever",
  async (parts) => {
    const { plane, control, mesh } = parts;
    const [store, cart] = (await mesh.namespace("shop", ["store", "cart"])) as [MeshPod, MeshPod];
    const load = new MeshLoad(cart, store);
    await annotate(plane.admin, "/api/v1/namespaces/shop", "true");
    const names = async (): Promise<string> =>
      (await pluginsIn(plane.admin, "shop")).map(({ metadata }) => metadata.name).join();
    await until(async () => (await names()) === "sidelight,sidelight.tcp", PATIENCE);
    const [tcp, http] = ["shop/cart -> shop/store tcp", "shop/cart -> shop/store http"];
    await until(async () => {
      await exchange(cart, 1);
      const sums = await counted(parts);
      return sums[tcp] !== undefined && sums[http] !== undefined;
    }, PATIENCE);
    for (const { id } of [store, cart]) {
      await until(async () => (await control.workload(id))?.state === "reporting", PATIENCE);
    }
    await load.stop();
    assert.equal(load.failed, []);
    assert.equal((await control.status()).problems, []);

    const base = await settled(parts);
    const held = cart.connect();
    await once(held, "connect");
    for (let index = 0; index < CONNECTIONS; index += 1) await exchange(cart, BYTES);
    for (let index = 0; index < 200; index += 1) assert.is(await cart.ask(store, `/users/${index}`), 200);
    held.end();
    await once(held, "close");
    const now = await settled(parts);
    assert.equal(Object.keys(now).sort(), [http, tcp], "nothing else is counted of either");
    const since = (edge: string): number[] => (now[edge] ?? []).map((sum, index) => sum - (base[edge]?.[index] ?? 0));
    assert.equal(since(tcp), [CONNECTIONS + 1, CONNECTIONS * BYTES, CONNECTIONS * BYTES]);
    assert.is(since(http)[0], 200);
    const { losses } = await control.process.json<{ losses: unknown[] }>("/api/v1/snapshot");
    assert.equal(losses, []);

    await annotate(plane.admin, "/api/v1/namespaces/shop", null);
    await until(async () => (await names()) === "", PATIENCE);
  },
);

test.run();
