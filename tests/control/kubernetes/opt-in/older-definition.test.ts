/** Opt-in with plugins for TCP, on a real API server whose definition of WasmPlugin is older than these. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { findKubernetes, startControlPlane } from "../../../kubernetes/control-plane.ts";
import type { ControlPlane } from "../../../kubernetes/control-plane.ts";
import { define, wasmPluginDefinition, withoutType } from "../../../kubernetes/istio-crds.ts";
import { createDeployment, createNamespace, createPod } from "../../../kubernetes/objects.ts";
import { annotate, optInWith, pluginsIn } from "../../../kubernetes/opted-in.ts";
import { loud } from "../../../loud.ts";
import { until } from "../../until.ts";

const test = suite<{ plane: ControlPlane }>("opt-in with an older definition");
const tools = await findKubernetes();
const definition = tools && (await wasmPluginDefinition());
const scenario = (name: string, work: Parameters<typeof test>[1]): void =>
  definition ? test(name, work) : test.skip(name, work);

test.before(
  loud(async (context) => {
    if (!tools || !definition) return;
    context.plane = await startControlPlane(tools);
    for (const name of ["sidelight", "shop"]) await createNamespace(context.plane.admin, name);
    await define(context.plane.admin, withoutType(definition));
  }),
);
test.after(async ({ plane }) => {
  if (definition) await plane.remove();
});

scenario("a definition that knows no types gets no plugin for TCP, which is told once for all", async ({ plane }) => {
  const { admin, kubeconfig } = plane;
  for (const [index, name] of ["user", "cart", "orders"].entries()) {
    const replicaSet = await createDeployment(admin, "shop", name);
    const wish = { namespace: "shop", name: `${name}-a`, workload: name, replicaSet };
    await createPod(admin, { ...wish, address: `10.1.4.${index + 1}` });
  }
  await annotate(admin, "/apis/apps/v1/namespaces/shop/deployments/orders", "false");
  await annotate(admin, "/api/v1/namespaces/shop", "true");
  const { optIn, stop } = await optInWith(kubeconfig, kubeconfig, { withTcp: true });
  try {
    await until(() => optIn.counts.refused >= 2 && optIn.counts.created === 2, 3_000);
    const { problems, workloads } = optIn.status();
    assert.is(problems.length, 1);
    assert.match(
      problems[0] ?? "",
      /^This Istio's definition of WasmPlugin has no field `type`, .*SIDELIGHT_OBSERVE_TCP=off$/,
    );
    assert.equal(
      workloads.flatMap((workload) => workload.problems),
      [],
    );
    assert.is(optIn.standing().state, "writing");
    const names = (await pluginsIn(admin, "shop")).map(({ metadata }) => metadata.name);
    assert.equal(names, ["sidelight-cart", "sidelight-user"]);
  } finally {
    await stop();
  }
});

test.run();
