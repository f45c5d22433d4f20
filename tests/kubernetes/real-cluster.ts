/**
 * A real cluster with Istio for tests, if there is one:
 *
 *     SIDELIGHT_TEST_KUBECONFIG   its kubeconfig; the current context is used, and needs an administrator
 *     SIDELIGHT_LOAD_IMAGES       a command that brings the images it is given onto the nodes: "kind load docker-image"
 *     SIDELIGHT_ADD_NODE          a command that adds a node, for the scenes in which one comes; these are left out without it
 *     SIDELIGHT_BUILD_IMAGE       a command that builds, given TAG CONTEXT -f FILE; docker, podman or buildah if not set
 */
import { imageCommands } from "../../demo/kubernetes/images.ts";
import type { ImageCommands } from "../../demo/kubernetes/images.ts";
import { Kubectl } from "../../demo/kubernetes/kubectl.ts";
import type { Listed } from "../../demo/kubernetes/kubectl.ts";
import { run } from "../../provision/run.ts";
import { eventually } from "../e2e/stack.ts";

export interface RealCluster {
  readonly kubectl: Kubectl;
  readonly images: ImageCommands;
  /** Adds a node, where there is a command that does. @returns its name, once it is ready */
  readonly addNode: (() => Promise<string>) | undefined;
}

/** Undefined, with a line that says what to set, where there is none. */
export async function findRealCluster(): Promise<RealCluster | undefined> {
  const { SIDELIGHT_TEST_KUBECONFIG: kubeconfig, SIDELIGHT_LOAD_IMAGES: load } = process.env;
  if (!kubeconfig || !load) {
    process.stdout.write(
      "skipped: set SIDELIGHT_TEST_KUBECONFIG and SIDELIGHT_LOAD_IMAGES to run this in a cluster with Istio (docs/install.md)\n",
    );
    return undefined;
  }
  // kubectl and the ways into the cluster read it.
  process.env["KUBECONFIG"] = kubeconfig;
  const { SIDELIGHT_BUILD_IMAGE: build, SIDELIGHT_ADD_NODE: add } = process.env;
  const kubectl = await Kubectl.find();
  return {
    kubectl,
    images: imageCommands({ build, load }),
    addNode: add ? () => addNode(kubectl, add) : undefined,
  };
}

/** The nodes that are ready. */
export async function readyNodes(kubectl: Kubectl): Promise<string[]> {
  const { items } = await kubectl.json<Listed<Node>>(["get", "nodes"]);
  const isReady = ({ status }: Node): boolean =>
    status.conditions.some((condition) => condition.type === "Ready" && condition.status === "True");
  return items.filter(isReady).map(({ metadata }) => metadata.name);
}

interface Node {
  readonly metadata: { readonly name: string };
  readonly status: { readonly conditions: readonly { readonly type: string; readonly status: string }[] };
}

async function addNode(kubectl: Kubectl, command: string): Promise<string> {
  const before = await readyNodes(kubectl);
  await run("sh", ["-c", command], { timeoutMs: 300_000 });
  const isNew = (name: string): boolean => !before.includes(name);
  const nodes = await eventually(
    () => readyNodes(kubectl),
    (names) => names.some(isNew),
    120_000,
  );
  const added = nodes.find(isNew);
  if (added === undefined) throw new Error(`No node came by: ${command}`);
  return added;
}
