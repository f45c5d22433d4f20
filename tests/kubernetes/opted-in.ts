/** Opt-in on a real API server, as control has it, but that it waits less; and the plugins that it writes. */
import { ApiServer } from "../../control/kubernetes/api-server.ts";
import { readCredentials } from "../../control/kubernetes/credentials.ts";
import { OptIn } from "../../control/kubernetes/opt-in/opt-in.ts";
import type { OptInDeps } from "../../control/kubernetes/opt-in/opt-in.ts";
import type { PluginObject } from "../../control/kubernetes/opt-in/plugin.ts";
import { REFLECTOR_TIMINGS } from "../../control/kubernetes/reflector.ts";
import type { KubeClient } from "./kube-client.ts";
import { watchWith } from "./watched.ts";
import type { Watched } from "./watched.ts";

export const FILTER = { url: "http://sidelight.sidelight.svc:9480/filter/1.wasm", sha256: "a".repeat(64) };

export interface OptedIn {
  readonly optIn: OptIn;
  readonly watched: Watched;
  readonly warnings: string[];
  readonly stop: () => Promise<void>;
}

/** @param kubeconfig of whoever writes; the inventory is read by `reader`'s */
export async function optInWith(
  kubeconfig: string,
  reader: string,
  { changesAfterMs = 0, ...more }: Partial<OptInDeps> & { readonly changesAfterMs?: number } = {},
): Promise<OptedIn> {
  const watched = await watchWith(reader);
  await watched.watching.listed(30_000);
  const warnings: string[] = [];
  const optIn = new OptIn({
    api: new ApiServer(await readCredentials({ mode: "on", kubeconfig }), 5_000),
    view: watched.inventory,
    isListed: () => true,
    installation: {
      filter: FILTER,
      ingest: "sidelight.sidelight.svc.cluster.local:9400",
      instance: "sidelight.sidelight",
    },
    ...{ ownerName: undefined, rootNamespace: "istio-system", withTcp: false, identity: "control-0" },
    lease: { namespace: "sidelight", name: "sidelight" },
    ...{ reports: () => new Map(), isSpokenOf: () => false, fetched: () => "unknown" as const },
    info: () => undefined,
    warn: (message) => warnings.push(message),
    now: Date.now,
    timings: {
      lease: { durationMs: 3_000, renewLimitMs: 2_000, retryMs: 200 },
      reflector: { ...REFLECTOR_TIMINGS, firstWaitMs: 50, longestWaitMs: 500 },
      changesAfterMs,
    },
    ...more,
  });
  optIn.start();
  const stop = async (): Promise<void> => {
    await optIn.stop();
    await watched.watching.stop();
  };
  return { optIn, watched, warnings, stop };
}

export const PLUGINS = "/apis/extensions.istio.io/v1alpha1";

/** All plugins of a namespace. */
export async function pluginsIn(client: KubeClient, namespace: string): Promise<PluginObject[]> {
  const { items } = await client.get<{ items: PluginObject[] }>(`${PLUGINS}/namespaces/${namespace}/wasmplugins`);
  return items;
}

/** Annotates; null takes the annotation away. */
export async function annotate(client: KubeClient, path: string, observe: string | null): Promise<void> {
  await client.patch(path, { metadata: { annotations: { "sidelight.dev/observe": observe } } });
}
