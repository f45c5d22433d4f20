import { existsSync } from "node:fs";
import type { Credentials } from "./api-server.ts";

/** Where a pod finds what it may say to the API. */
const SERVICE_ACCOUNT_TOKEN = "/var/run/secrets/kubernetes.io/serviceaccount/token";

export interface KubernetesSettings {
  /** `auto` asks the API where a pod's service account is, or a kubeconfig was named for Sidelight. */
  readonly mode: "auto" | "on" | "off";
  /** The kubeconfig that was named for Sidelight alone; undefined where none was. */
  readonly kubeconfig: string | undefined;
}

/** Whether the API is asked. */
export function asksKubernetes(
  { mode, kubeconfig }: KubernetesSettings,
  isInCluster = existsSync(SERVICE_ACCOUNT_TOKEN),
) {
  return mode === "on" || (mode === "auto" && (kubeconfig !== undefined || isInCluster));
}

/**
 * The API server and what it is told: the named kubeconfig, else in a pod its service account, else $KUBECONFIG or
 * ~/.kube/config as kubectl has it. Throws an error that says which of them cannot be used and why.
 *
 * client-node reads all kinds of them; it is loaded only here, since it takes 80 MB.
 */
export async function readCredentials({ kubeconfig }: KubernetesSettings): Promise<Credentials> {
  const { KubeConfig } = await import("@kubernetes/client-node");
  const config = new KubeConfig();
  try {
    if (kubeconfig !== undefined) config.loadFromFile(kubeconfig);
    else if (existsSync(SERVICE_ACCOUNT_TOKEN)) config.loadFromCluster();
    else config.loadFromDefault();
  } catch (cause) {
    const which = kubeconfig === undefined ? "the kubeconfig" : `the kubeconfig ${kubeconfig}`;
    const hint = "set SIDELIGHT_KUBECONFIG to one that can be read, or SIDELIGHT_KUBERNETES=off";
    throw new Error(`Reading ${which}: ${(cause as Error).message}; ${hint}`, { cause });
  }
  const cluster = config.getCurrentCluster();
  if (!cluster)
    throw new Error("The kubeconfig has no current context; set one with `kubectl config use-context NAME`");
  return config;
}
