/**
 * Opt-in in a real mesh: an API server, istiod, stock Envoys as sidecars, and a whole control with exactly the account that the docs
 * state. Skipped where the servers cannot be built.
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { command, run } from "../control/cli/run.ts";
import { until } from "../control/until.ts";
import type { MeshPod } from "../kubernetes/mesh.ts";
import { MeshLoad } from "../kubernetes/mesh-load.ts";
import { getMesh, startMeshedControl } from "../kubernetes/meshed-control.ts";
import type { MeshedControl } from "../kubernetes/meshed-control.ts";
import { annotate, pluginsIn } from "../kubernetes/opted-in.ts";
import { loud } from "../loud.ts";
import { deadPort } from "../wasm-filter/traffic.ts";

const tools = await getMesh();
const test = suite<MeshedControl>("opt-in in a mesh");
const scenario = (name: string, work: Parameters<typeof test>[1]): void =>
  tools ? test(name, work) : test.skip(name, work);

/** 2 minutes on a machine that has other work. */
const PATIENCE = 24_000;

const namespace = (name: string): string => `/api/v1/namespaces/${name}`;
const deployment = (pod: MeshPod): string =>
  `/apis/apps/v1/namespaces/${pod.place.namespace}/deployments/${pod.place.name}`;

async function namesIn({ plane }: MeshedControl, of: string): Promise<string> {
  return (await pluginsIn(plane.admin, of)).map(({ metadata }) => metadata.name).join();
}

interface Told {
  readonly reason: string;
  readonly type: string;
  readonly note: string;
}

async function eventsOf({ plane }: MeshedControl, pod: MeshPod): Promise<Told[]> {
  const { items } = await plane.admin.get<{ items: (Told & { readonly regarding: { readonly name: string } })[] }>(
    `/apis/events.k8s.io/v1/namespaces/${pod.place.namespace}/events`,
  );
  return items.filter(({ regarding }) => regarding.name === pod.place.name);
}

/** Whether the filter is in any of a sidecar's listeners. */
async function hasFilter({ envoy }: MeshPod): Promise<boolean> {
  return /trafficextension\/[^"]*sidelight/.test(await envoy.admin("/config_dump?resource=dynamic_listeners"));
}

test.before(
  loud(async (parts) => {
    if (tools) Object.assign(parts, await startMeshedControl(tools));
  }),
);
test.after(async ({ remove }) => {
  if (tools) await remove();
});

scenario("an annotation brings the filter, everyone is counted by name, and it goes again", async (parts) => {
  const { plane, control, mesh } = parts;
  const [user, cart] = (await mesh.namespace("shop", ["user", "cart"])) as [MeshPod, MeshPod];
  const load = new MeshLoad(cart, user);
  await until(() => load.sent > 20, PATIENCE);
  await annotate(plane.admin, namespace("shop"), "true");
  await until(async () => (await namesIn(parts, "shop")) === "sidelight", PATIENCE);
  for (const pod of [user, cart]) {
    await until(async () => (await control.workload(pod.id))?.state === "reporting", PATIENCE);
  }
  await load.stop();
  assert.equal(load.failed, []);
  const edge = "shop/cart -> shop/user";
  const counted = async (): Promise<number> => (await control.requests())[edge] ?? 0;
  // What was sent before is counted when it does not grow any more.
  let before = -1;
  await until(async () => {
    const last = before;
    before = await counted();
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    return before > 0 && before === last;
  }, PATIENCE);
  for (let index = 0; index < 200; index += 1) assert.is(await cart.ask(user, `/users/${index}`), 200);
  await until(async () => (await counted()) >= before + 200, PATIENCE);
  assert.equal(await control.requests(), { [edge]: before + 200 });

  const { stdout } = await run(process.execPath, [command, "status"], {
    env: { SIDELIGHT_SERVER: control.process.grpc },
  });
  assert.match(stdout, /2 turned on +2 reporting/);
  assert.match(stdout, /cart +· reporting +namespace +sidelight/);
  for (const pod of [user, cart]) {
    await until(async () => (await eventsOf(parts, pod)).length > 0, PATIENCE);
    const told = await eventsOf(parts, pod);
    assert.equal(
      told.map(({ reason, type }) => [reason, type]),
      [["Observed", "Normal"]],
    );
  }
  assert.equal((await control.status()).problems, []);

  const again = new MeshLoad(cart, user);
  await annotate(plane.admin, deployment(user), "false");
  await until(async () => (await namesIn(parts, "shop")) === "sidelight-cart", PATIENCE);
  await until(async () => !(await hasFilter(user)), PATIENCE);
  assert.ok(await hasFilter(cart));
  assert.is((await control.workload(user.id))?.state, "excluded");
  await annotate(plane.admin, namespace("shop"), null);
  await annotate(plane.admin, deployment(user), null);
  await until(async () => (await namesIn(parts, "shop")) === "", PATIENCE);
  await until(async () => !(await hasFilter(cart)), PATIENCE);
  assert.equal((await control.status()).workloads, []);
  await again.stop();
  assert.equal(again.failed, []);
});

scenario("where the filter cannot be had traffic flows, and status and an Event say so", async (parts) => {
  const { plane, control, mesh } = parts;
  const forger = createServer((_request, response) => response.end("\0asm, but another"));
  await new Promise<void>((resolve) => forger.listen(0, "127.0.0.1", resolve));
  const sources = { lost: await deadPort(), forged: (forger.address() as AddressInfo).port };
  for (const [name, port] of Object.entries(sources)) {
    const [user, cart] = (await mesh.namespace(name, ["user", "cart"], port)) as [MeshPod, MeshPod];
    const load = new MeshLoad(cart, user);
    await annotate(plane.admin, namespace(name), "true");
    await until(async () => await hasFilter(user), PATIENCE);
    await until(async () => (await control.workload(user.id))?.state === "silent", PATIENCE);
    assert.match(
      (await control.workload(user.id))?.problems.join() ?? "",
      /None of its sidecars has fetched the filter/,
    );
    await until(async () => (await eventsOf(parts, user)).length > 0, PATIENCE);
    const [event] = await eventsOf(parts, user);
    assert.equal([event?.reason, event?.type], ["NotReporting", "Warning"]);
    assert.match(event?.note ?? "", new RegExp(`logs POD -c istio-proxy`));
    await load.stop();
    assert.ok(load.sent > 100);
    assert.equal(load.failed, [], `${name}: no request failed`);
  }
  forger.close();
});

test.run();
