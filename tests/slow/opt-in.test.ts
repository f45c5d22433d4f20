/**
 * Opt-in from end to end: a whole control with exactly the account that docs/opt-in.md states, beside controllers that make pods and
 * collect what has lost its owner. Skipped where the servers cannot be built.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { OptInStatus } from "../../control/api/opt-in-source.ts";
import { ControlProcess } from "../control/control-process.ts";
import { until } from "../control/until.ts";
import { getKubernetes, startControlPlane } from "../kubernetes/control-plane.ts";
import type { ControlPlane } from "../kubernetes/control-plane.ts";
import { define, wasmPluginDefinition } from "../kubernetes/istio-crds.ts";
import { createLivingCluster, runningPods } from "../kubernetes/living-cluster.ts";
import { createNamespace } from "../kubernetes/objects.ts";
import { annotate, pluginsIn } from "../kubernetes/opted-in.ts";
import { RBAC, createStatedAccount } from "../kubernetes/stated-account.ts";

const tools = await getKubernetes();
const definition = tools && (await wasmPluginDefinition());
const test = suite<{ plane: ControlPlane; folder: string }>("opt-in");
const scenario = (name: string, work: Parameters<typeof test>[1]): void =>
  tools && definition ? test(name, work) : test.skip(name, work);

/** 2 minutes on a machine that has other work. */
const PATIENCE = 24_000;
function statusOf(control: ControlProcess): Promise<OptInStatus> {
  return control.json<OptInStatus>("/api/v1/opt-in");
}

test.before.each(async (context) => {
  context.folder = await mkdtemp(join(tmpdir(), "sidelight-opt-in-"));
});
test.after.each(async ({ plane, folder }) => {
  await plane.remove();
  await rm(folder, { recursive: true, force: true });
});

scenario(
  "with the stated account it turns on and off, writes nothing needless, and leaves nothing",
  async (context) => {
    if (!tools || !definition) return;
    const plane = await startControlPlane(tools, { withControllers: tools });
    context.plane = plane;
    const { admin } = plane;
    await createNamespace(admin, "sidelight");
    await createLivingCluster(admin);
    await until(async () => (await runningPods(admin)).length >= 8, PATIENCE);
    await define(admin, definition);
    const kubeconfig = await createStatedAccount(plane);
    const launch = (): Promise<ControlProcess> =>
      ControlProcess.start({
        SIDELIGHT_DATA_DIR: context.folder,
        SIDELIGHT_KUBECONFIG: kubeconfig,
        SIDELIGHT_OBSERVE: "on",
        SIDELIGHT_OBSERVE_OWNER: "sidelight-opt-in",
        SIDELIGHT_FILTER_URL: "http://sidelight.sidelight.svc:9480",
      });
    let control = await launch();
    try {
      await annotate(admin, "/api/v1/namespaces/shop", "true");
      await until(async () => (await pluginsIn(admin, "shop")).length === 1, PATIENCE);
      const [first] = await pluginsIn(admin, "shop");
      const version = async (): Promise<string | undefined> =>
        (await pluginsIn(admin, "shop"))[0]?.metadata.resourceVersion;
      await until(
        async () => (await statusOf(control)).workloads.every(({ state }) => state === "noSidecar"),
        PATIENCE,
      );
      assert.equal((await statusOf(control)).problems, []);

      for (const replicas of [30, 2]) {
        await admin.patch("/apis/apps/v1/namespaces/shop/deployments/user", { spec: { replicas } });
        const pods = async (): Promise<number | undefined> =>
          (await statusOf(control)).workloads.find(({ name }) => name === "user")?.pods;
        await until(async () => (await pods()) === replicas, PATIENCE);
      }
      assert.is(await version(), first?.metadata.resourceVersion, "pods come and go without a write");

      assert.is(await control.end("SIGTERM"), 0);
      control = await launch();
      await until(async () => (await statusOf(control)).isLeader, PATIENCE);
      await until(async () => (await statusOf(control)).workloads.length === 3, PATIENCE);
      assert.is(await version(), first?.metadata.resourceVersion, "nor does a control that starts anew write");

      await annotate(admin, "/apis/apps/v1/namespaces/shop/statefulsets/db", "false");
      await until(async () => (await pluginsIn(admin, "shop")).length === 2, PATIENCE);
      await admin.remove(`${RBAC}/clusterroles/sidelight-opt-in`);
      await until(async () => (await pluginsIn(admin, "shop")).length === 0, PATIENCE);
      // Where control could write them again it would have by now: it looks four times a second.
      for (let looks = 0; looks < 10; looks += 1) {
        await new Promise((resolve) => setTimeout(resolve, 500));
        assert.equal(await pluginsIn(admin, "shop"), []);
      }
    } finally {
      await control.end("SIGTERM");
    }
  },
);

test.run();
