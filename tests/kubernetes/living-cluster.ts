/** What lives in a cluster with controllers: workloads of each kind, and what moves their pods. */
import type { PodObject } from "../../control/kubernetes/objects.ts";
import type { KubeClient } from "./kube-client.ts";
import { createNamespace } from "./objects.ts";

const NAMESPACE = "/namespaces/shop";
const AGENT_PORT = 9100;

function templateOf(app: string, spec: object = { containers: [{ name: app, image: "app:1" }] }) {
  return { metadata: { labels: { app } }, spec };
}

/** A namespace with a Deployment behind a Service, a StatefulSet, and a DaemonSet in the nodes' network; three nodes. */
export async function createLivingCluster(client: KubeClient): Promise<void> {
  await createNamespace(client, "shop");
  for (const name of ["worker-1", "worker-2", "worker-3"]) await client.create("/api/v1/nodes", { metadata: { name } });
  const create = (kind: string, app: string, more: object, template = templateOf(app)): Promise<unknown> =>
    client.create(`/apis/apps/v1${NAMESPACE}/${kind}`, {
      metadata: { name: app },
      spec: { selector: { matchLabels: { app } }, template, ...more },
    });
  await create("deployments", "user", { replicas: 6 });
  await create("statefulsets", "db", { replicas: 2, serviceName: "db" });
  const containers = [{ name: "agent", image: "agent:1", ports: [{ containerPort: AGENT_PORT }] }];
  await create("daemonsets", "agent", {}, templateOf("agent", { hostNetwork: true, containers }));
  await client.create(`/api/v1${NAMESPACE}/services`, {
    metadata: { name: "user" },
    spec: { selector: { app: "user" }, ports: [{ port: 80 }] },
  });
}

/** Pods that run and that nobody has told to end. */
export async function runningPods(client: KubeClient): Promise<PodObject[]> {
  const { items } = await client.get<{ items: PodObject[] }>(`/api/v1${NAMESPACE}/pods`);
  return items.filter(
    ({ status, metadata }) => status?.phase === "Running" && status.podIP && !("deletionTimestamp" in metadata),
  );
}

/** The workload of a pod, by the label that its template gave it. */
export function labelled({ metadata }: PodObject): string {
  return `shop/${metadata.labels?.["app"] ?? metadata.labels?.["batch.kubernetes.io/job-name"] ?? ""}`;
}

/** Where a pod is reached, as a sidecar would write it. */
export function addressOf(pod: PodObject): string {
  return `${pod.status?.podIP ?? ""}:${labelled(pod) === "shop/agent" ? AGENT_PORT : 80}`;
}

/** One round of what goes on in a cluster: pods end, a workload is scaled, a job runs. */
export async function stir(client: KubeClient, round: number): Promise<void> {
  const pods = (await runningPods(client)).filter((pod) => labelled(pod) !== "shop/agent");
  for (const { metadata } of pods.slice(round % 3, (round % 3) + 2)) {
    // A controller may have been faster.
    await client.remove(`/api/v1${NAMESPACE}/pods/${metadata.name}`).catch(() => undefined);
  }
  await client.patch(`/apis/apps/v1${NAMESPACE}/deployments/user`, { spec: { replicas: 4 + (round % 5) } });
  if (round % 4 > 0) return;
  await client.create(`/apis/batch/v1${NAMESPACE}/jobs`, {
    metadata: { name: `job-${round}` },
    spec: { template: { spec: { restartPolicy: "Never", containers: [{ name: "job", image: "job:1" }] } } },
  });
}
