/**
 * A real cluster with Istio for tests, if there is one:
 *
 *     SIDELIGHT_TEST_KUBECONFIG   its kubeconfig; the current context is used, and needs an administrator
 *     SIDELIGHT_LOAD_IMAGES       a command that brings the images it is given onto the nodes: "kind load docker-image"
 *     SIDELIGHT_BUILD_IMAGE       a command that builds, given TAG CONTEXT -f FILE; docker, podman or buildah if not set
 */
import { imageCommands } from "../../demo/kubernetes/images.ts";
import type { ImageCommands } from "../../demo/kubernetes/images.ts";
import { Kubectl } from "../../demo/kubernetes/kubectl.ts";

export interface RealCluster {
  readonly kubectl: Kubectl;
  readonly images: ImageCommands;
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
  const { SIDELIGHT_BUILD_IMAGE: build } = process.env;
  return {
    kubectl: await Kubectl.find(),
    images: imageCommands({ build, load }),
  };
}
