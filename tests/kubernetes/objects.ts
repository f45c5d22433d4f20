/** Objects of the API as they are written by hand where no controllers run. */
import type { KubeClient } from "./kube-client.ts";

const CONTAINERS = [{ name: "app", image: "app:1" }];

export async function createNamespace(client: KubeClient, name: string): Promise<void> {
  await client.create("/api/v1/namespaces", { metadata: { name } });
}

/** A Deployment and one ReplicaSet of it, as its controller would make it. @returns the uid of the ReplicaSet */
export async function createDeployment(client: KubeClient, namespace: string, name: string): Promise<string> {
  const labels = { app: name };
  const template = { metadata: { labels }, spec: { containers: CONTAINERS } };
  const spec = { replicas: 0, selector: { matchLabels: labels }, template };
  const of = `/apis/apps/v1/namespaces/${namespace}`;
  type Made = { readonly metadata: { readonly uid: string } };
  const deployment = await client.create<Made>(`${of}/deployments`, { metadata: { name }, spec });
  const above = { apiVersion: "apps/v1", kind: "Deployment", name, uid: deployment.metadata.uid, controller: true };
  const replicas = { metadata: { name: `${name}-1`, labels, ownerReferences: [above] }, spec };
  return (await client.create<Made>(`${of}/replicasets`, replicas)).metadata.uid;
}

export interface PodWish {
  readonly namespace: string;
  readonly name: string;
  /** The workload whose ReplicaSet, of this uid, made it. */
  readonly workload: string;
  readonly replicaSet: string;
  readonly address: string;
  /** Beside its own container. */
  readonly sidecar?: string;
}

/** A pod that runs, and has an address, from now on. */
export async function createPod(client: KubeClient, wish: PodWish): Promise<void> {
  const { namespace, name, workload, replicaSet, address, sidecar } = wish;
  const containers = [...CONTAINERS, ...(sidecar === undefined ? [] : [{ name: sidecar, image: "proxy:1" }])];
  const above = { apiVersion: "apps/v1", kind: "ReplicaSet", name: `${workload}-1`, uid: replicaSet, controller: true };
  const of = `/api/v1/namespaces/${namespace}/pods`;
  await client.create(of, {
    metadata: { name, labels: { app: workload }, ownerReferences: [above] },
    spec: { nodeName: "worker-1", containers },
  });
  const now = new Date().toISOString().replace(/\.\d+/, "");
  const ready = { type: "PodReadyToStartContainers", status: "True", lastTransitionTime: now };
  await client.patch(`${of}/${name}/status`, {
    status: { phase: "Running", startTime: now, podIP: address, podIPs: [{ ip: address }], conditions: [ready] },
  });
}

/** Does all of it, so many at a time. */
export async function inParallel<T>(
  items: readonly T[],
  lanes: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const waiting = [...items];
  const lane = async (): Promise<void> => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}
