/** Takes all that the demo makes out of a cluster again. */
import { join } from "node:path";
import { projectRoot } from "../../provision/build.ts";
import { UserError } from "../commands.ts";
import type { Kubectl } from "./kubectl.ts";
import { DEMO_LABEL, LOAD_NAMESPACE, SHOP_NAMESPACE, SIDELIGHT_NAMESPACE } from "./names.ts";
import { removeVolume } from "./volume.ts";

export const SIDELIGHT_MANIFEST = join(projectRoot, "deploy", "sidelight.yaml");

/** Pods have half a minute to end, and a namespace goes with the last. */
const TIMEOUT_MS = 240_000;

/** Removes what there is. Its caller has made it, or has asked `isDemos`. */
export async function removeFrom(kubectl: Kubectl): Promise<void> {
  const gone = ["--ignore-not-found", `--timeout=${TIMEOUT_MS / 1000}s`];
  const hasNamespace = (name: string): Promise<string> =>
    kubectl.run(["get", "namespace", name, "--ignore-not-found", "-o", "name"]);
  await Promise.all([
    kubectl.run(["delete", "namespace", SHOP_NAMESPACE, ...gone]),
    kubectl.run(["delete", "-f", SIDELIGHT_MANIFEST, ...gone]),
  ]);
  if (await hasNamespace(LOAD_NAMESPACE)) await removeVolume(kubectl);
  await kubectl.run(["delete", "namespace", LOAD_NAMESPACE, ...gone]);
}

/** @throws UserError where one of the namespaces is there and no demo has made it */
export async function isDemos(kubectl: Kubectl): Promise<void> {
  const [[key, value]] = Object.entries(DEMO_LABEL) as [[string, string]];
  const names = [SHOP_NAMESPACE, LOAD_NAMESPACE, SIDELIGHT_NAMESPACE];
  const label = `jsonpath={.metadata.labels.${key.replaceAll(".", "\\.")}}`;
  for (const name of names) {
    const found = await kubectl.run(["get", "namespace", name, "--ignore-not-found", "-o", "name"]);
    if (found && (await kubectl.run(["get", "namespace", name, "-o", label])) !== value)
      throw new UserError(
        `The namespace ${name} is there and was not made by a demo: it is left alone, and so is the rest.`,
      );
  }
}
