/** Pods of the size that a mesh makes them: a service, its sidecar, and what surrounds them. */
import type { KubeClient } from "../../tests/kubernetes/kube-client.ts";

/** Pods of one workload. */
const PODS_A_WORKLOAD = 20;

export interface BenchPod {
  readonly name: string;
  readonly workload: string;
  readonly address: string;
}

export function benchPods(count: number): BenchPod[] {
  return Array.from({ length: count }, (_, index) => {
    const workload = `w${Math.floor(index / PODS_A_WORKLOAD)}`;
    return {
      workload,
      name: `${workload}-5d4c7f-${index}`,
      address: `10.${1 + (index >> 16)}.${(index >> 8) & 255}.${index & 255}`,
    };
  });
}

const variables = Array.from({ length: 20 }, (_, index) => ({
  name: `SETTING_NUMBER_${index}`,
  value: `the value of setting ${index}`,
}));
const resources = { requests: { cpu: "100m", memory: "128Mi" }, limits: { memory: "256Mi" } };
const probe = { httpGet: { path: "/healthz", port: 8080 }, periodSeconds: 10, failureThreshold: 3 };

function container(name: string, image: string) {
  const volumeMounts = ["config", "cache", "secrets"].map((volume) => ({ name: volume, mountPath: `/var/${volume}` }));
  return { name, image, env: variables, resources, readinessProbe: probe, livenessProbe: probe, volumeMounts };
}

/** Makes a pod that runs, of a ReplicaSet that is not there: nobody asks for it. */
export async function createBenchPod(client: KubeClient, { name, workload, address }: BenchPod): Promise<void> {
  const owner = { apiVersion: "apps/v1", kind: "StatefulSet", name: workload, uid: workload, controller: true };
  const labels = { app: workload, "app.kubernetes.io/version": "1.2.3", "pod-template-hash": "5d4c7f" };
  const annotations = {
    "sidecar.istio.io/status": JSON.stringify({ containers: ["istio-proxy"], volumes: variables }),
  };
  await client.create("/api/v1/namespaces/shop/pods", {
    metadata: { name, labels, annotations, ownerReferences: [owner] },
    spec: {
      nodeName: "worker-1",
      containers: [container("app", "registry.example/app:1.2.3"), container("istio-proxy", "istio/proxyv2:1.31")],
      volumes: ["config", "cache", "secrets"].map((volume) => ({ name: volume, emptyDir: {} })),
    },
  });
  await changeBenchPod(client, { name, address });
}

/** Writes its status, as a kubelet does. */
export async function changeBenchPod(client: KubeClient, pod: Pick<BenchPod, "name" | "address">): Promise<void> {
  const now = new Date().toISOString();
  const conditions = ["PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled"].map(
    (type) => ({ type, status: "True", lastTransitionTime: now.replace(/\.\d+/, ""), message: now }),
  );
  const podIPs = [{ ip: pod.address }];
  await client.patch(`/api/v1/namespaces/shop/pods/${pod.name}/status`, {
    status: { phase: "Running", startTime: now.replace(/\.\d+/, ""), podIP: pod.address, podIPs, conditions },
  });
}
