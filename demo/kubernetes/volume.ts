/**
 * The volume that Sidelight's claim waits for, where a cluster has no default StorageClass: a folder of one of its nodes. A folder of a node
 * belongs to root there, so that a pod has to give it to Sidelight's user first, and another one to take it away.
 */
import { randomBytes } from "node:crypto";
import type { Kubectl } from "./kubectl.ts";
import { DEMO_LABEL, IMAGES, LOAD_NAMESPACE } from "./names.ts";
import type { KubernetesObject } from "./objects.ts";

const VOLUME = "sidelight-demo";
const PARENT = "/var/tmp";
const FOLDER = "sidelight-demo";
const POD_TIMEOUT_MS = 120_000;

/** Makes it on `node`. The namespace of the load has to be there. */
export async function makeVolume(kubectl: Kubectl, node: string): Promise<void> {
  await onNode(kubectl, node, `mkdir -p /host/${FOLDER} && chown 1000:1000 /host/${FOLDER}`);
  await kubectl.apply([volumeOn(node)]);
}

/** Takes away what `makeVolume` made; nothing where it made nothing. To be called while the namespace of the load is there. */
export async function removeVolume(kubectl: Kubectl): Promise<void> {
  const found = await kubectl.run([
    "get",
    "pv",
    VOLUME,
    "--ignore-not-found",
    "-o",
    "jsonpath={.metadata.labels.node}",
  ]);
  if (!found) return;
  await kubectl.run(["delete", "pv", VOLUME, "--ignore-not-found", "--wait=false"]);
  await onNode(kubectl, found, `rm -rf /host/${FOLDER}`);
}

function volumeOn(node: string): KubernetesObject {
  const here = [{ key: "kubernetes.io/hostname", operator: "In", values: [node] }];
  return {
    ...{ apiVersion: "v1", kind: "PersistentVolume" },
    metadata: { name: VOLUME, labels: { ...DEMO_LABEL, node } },
    spec: {
      ...{ capacity: { storage: "24Gi" }, accessModes: ["ReadWriteOnce"], persistentVolumeReclaimPolicy: "Retain" },
      hostPath: { path: `${PARENT}/${FOLDER}` },
      nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: here }] } },
    },
  };
}

/** Runs a shell command as root beside the folders of a node, to its end. */
async function onNode(kubectl: Kubectl, node: string, command: string): Promise<void> {
  const name = `volume-${randomBytes(4).toString("hex")}`;
  await kubectl.apply([
    {
      ...{ apiVersion: "v1", kind: "Pod" },
      metadata: { name, namespace: LOAD_NAMESPACE, labels: DEMO_LABEL },
      spec: {
        ...{ nodeName: node, restartPolicy: "Never", automountServiceAccountToken: false },
        containers: [
          {
            ...{ name: "volume", image: IMAGES.shop, imagePullPolicy: "IfNotPresent" },
            command: ["sh", "-c", command],
            securityContext: { runAsUser: 0, runAsGroup: 0 },
            volumeMounts: [{ name: "host", mountPath: "/host" }],
          },
        ],
        volumes: [{ name: "host", hostPath: { path: PARENT } }],
      },
    },
  ]);
  const done = [
    "wait",
    `pod/${name}`,
    "--for=jsonpath={.status.phase}=Succeeded",
    `--timeout=${POD_TIMEOUT_MS / 1000}s`,
  ];
  await kubectl.run(["-n", LOAD_NAMESPACE, ...done]);
  await kubectl.run(["-n", LOAD_NAMESPACE, "delete", "pod", name, "--wait=false"]);
}
