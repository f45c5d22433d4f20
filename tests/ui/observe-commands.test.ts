/** The commands that the UI gives, run by a shell with a real kubectl on a real API server: they do what they say, and back again. */
import { dirname } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";

import type { OptInStatus } from "../../control/api/opt-in-source.ts";
import { presentTools } from "../../provision/kubernetes.ts";
import { run } from "../../provision/run.ts";
import { namespaceCommands, workloadCommands } from "../../ui/src/model/observe-commands.ts";
import { until } from "../control/until.ts";
import { findKubernetes, startControlPlane, type ControlPlane } from "../kubernetes/control-plane.ts";
import { createDeployment, createNamespace, createPod } from "../kubernetes/objects.ts";
import { annotate, optInWith, type OptedIn } from "../kubernetes/opted-in.ts";
import { loud } from "../loud.ts";
import { workload } from "./fixtures/cluster.ts";

const test = suite<{ plane: ControlPlane; optedIn: OptedIn }>("commands that turn on and off");
const tools = await findKubernetes();
const { kubectl } = await presentTools(["kubectl"]);

const scenario = (name: string, work: Parameters<typeof test>[1]): void =>
  tools && kubectl !== undefined ? test(name, work) : test.skip(name, work);

test.before(
  loud(async (context) => {
    if (!tools || kubectl === undefined) return;
    context.plane = await startControlPlane(tools);
    await createNamespace(context.plane.admin, "sidelight");
    context.optedIn = await optInWith(context.plane.kubeconfig, context.plane.kubeconfig);
  }),
);
test.after(async ({ plane, optedIn }) => {
  if (!tools || kubectl === undefined) return;
  await optedIn.stop();
  await plane.remove();
});

/** As whoever has copied it would. */
async function shell({ kubeconfig }: ControlPlane, command: string): Promise<void> {
  const PATH = `${dirname(kubectl ?? "")}:${process.env["PATH"]}`;
  await run("/bin/sh", ["-c", command], { env: { ...process.env, PATH, KUBECONFIG: kubeconfig }, timeoutMs: 60_000 });
}

function found({ namespaces, workloads }: OptInStatus, namespace: string) {
  const [user] = workloads.filter((each) => each.namespace === namespace);
  const [own] = namespaces.filter(({ name }) => name === namespace);
  return user && own && { user, own };
}

/** Whether the pod is known, and all that is annotated. */
function isSeen(all: ReturnType<typeof found>, on: readonly string[]): boolean {
  if (all?.user.pods !== 1) return false;
  const { user, own } = all;
  return on.every((each) => [`namespace ${own.observe}`, `${user.stated?.on} ${user.stated?.value}`].includes(each));
}

/** What stands where before the first command, and whether the workload is on by that; the template's comes with its Deployment. */
const BEGINNINGS: Readonly<Record<string, { readonly on: readonly string[]; readonly isOn: boolean }>> = {
  nothing: { on: [], isOn: false },
  namespace: { on: ["namespace true"], isOn: true },
  wrong: { on: ["workload yes"], isOn: false },
  workload: { on: ["workload true"], isOn: true },
  both: { on: ["namespace true", "workload true"], isOn: true },
  excluded: { on: ["namespace true", "workload false"], isOn: false },
  template: { on: ["template true"], isOn: true },
  "template-off": { on: ["namespace true", "template false"], isOn: false },
  pod: { on: ["pod true"], isOn: true },
  "pod-off": { on: ["pod false"], isOn: false },
};

async function begin({ admin }: ControlPlane, namespace: string, on: readonly string[], address: string) {
  await createNamespace(admin, namespace);
  const replicaSet = await createDeployment(admin, namespace, "user");
  await createPod(admin, { namespace, name: "user-a", workload: "user", replicaSet, address });
  const deployment = `/apis/apps/v1/namespaces/${namespace}/deployments/user`;
  const paths: Readonly<Record<string, string>> = {
    namespace: `/api/v1/namespaces/${namespace}`,
    workload: deployment,
    pod: `/api/v1/namespaces/${namespace}/pods/user-a`,
  };
  for (const each of on) {
    const [where = "", value = ""] = each.split(" ");
    const annotations = { "sidelight.dev/observe": value };
    if (where === "template") await admin.patch(deployment, { spec: { template: { metadata: { annotations } } } });
    else await annotate(admin, paths[where] ?? "", value);
  }
}

scenario("wherever the annotation stands, a workload is turned on and off by it", async ({ plane, optedIn }) => {
  const { optIn } = optedIn;
  const isOn = (namespace: string): boolean | undefined => {
    const all = found(optIn.status(true), namespace);
    return all && all.user.by !== null;
  };
  for (const [index, [namespace, { on, isOn: begins }]] of Object.entries(BEGINNINGS).entries()) {
    await begin(plane, namespace, on, `10.3.0.${index + 1}`);
    await until(() => isSeen(found(optIn.status(true), namespace), on) && isOn(namespace) === begins);
    for (const wished of [!begins, begins]) {
      const { user, own } = found(optIn.status(true), namespace) ?? {};
      const last = (user && own ? workloadCommands(user, own) : []).at(-1);
      assert.ok(last, `${namespace}: there is a command`);
      await shell(plane, last.command);
      await until(() => isOn(namespace) === wished).catch(() => assert.unreachable(`${namespace}: ${last.command}`));
    }
  }
});

scenario("a pod that is excluded alone, which no label tells apart, is let in again", async ({ plane, optedIn }) => {
  const on = ["namespace true", "pod false"];
  await begin(plane, "pod-excluded", on, "10.3.1.1");
  const all = () => found(optedIn.optIn.status(true), "pod-excluded");
  await until(() => isSeen(all(), on) && all()?.user.state === "notWritten");
  const [first, second] = workloadCommands(all()!.user, all()!.own);
  assert.equal([first?.doing, second?.doing], ["Observe all its pods", "Leave it out"]);
  await shell(plane, first?.command ?? "");
  await until(() => all()?.user.included === 1 && all()?.user.stated === null);
});

scenario("a namespace is turned on, also over a value that says nothing, and off", async ({ plane, optedIn }) => {
  const own = () => found(optedIn.optIn.status(true), "nothing")?.own;
  await annotate(plane.admin, "/api/v1/namespaces/nothing", "yes");
  await until(() => own()?.observe === "yes");
  for (const observe of ["true", null, "true"]) {
    const [first] = namespaceCommands(own()!);
    await shell(plane, first?.command ?? "");
    await until(() => own()?.observe === observe);
  }
});

scenario("a CronJob's template is changed where it is", async ({ plane }) => {
  const template = { spec: { restartPolicy: "Never", containers: [{ name: "app", image: "app:1" }] } };
  const of = "/apis/batch/v1/namespaces/nothing/cronjobs";
  const spec = { schedule: "0 3 * * *", jobTemplate: { spec: { template } } };
  await plane.admin.create(of, { metadata: { name: "report" }, spec });
  const job = workload("nothing/report", "off", { kind: "CronJob" });
  const [first] = workloadCommands(job, { observe: null, isRoot: false });
  await shell(plane, first?.command ?? "");
  type Read = { spec: { jobTemplate: { spec: { template: { metadata: { annotations: Record<string, string> } } } } } };
  const { metadata } = (await plane.admin.get<Read>(`${of}/report`)).spec.jobTemplate.spec.template;
  assert.equal(metadata.annotations, { "sidelight.dev/observe": "true" });
});

test.run();
