/** Istio's real control plane beside an API server, for stock Envoys: without certificates, and without filters of Istio's own. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { freePort } from "../../demo/free-port.ts";
import { NoKubernetesError, kubernetesTools } from "../../provision/kubernetes.ts";
import { progressOn } from "../../provision/progress.ts";
import type { ControlPlane } from "./control-plane.ts";
import { createNamespace } from "./objects.ts";
import { ServerProcess } from "./server-process.ts";

/** The program, built where there is none yet; undefined, with a line that says why, where that cannot be. */
export async function getIstiod(): Promise<string | undefined> {
  try {
    return (await kubernetesTools(progressOn(), ["pilot-discovery"]))["pilot-discovery"];
  } catch (error) {
    if (!(error instanceof NoKubernetesError)) throw error;
    process.stdout.write(`skipped: ${error.message}\n`);
    return undefined;
  }
}

export interface Istiod {
  /** Where Envoys ask for their configuration, in plain text. */
  readonly xdsPort: number;
  readonly process: ServerProcess;
}

/** Istio's definitions have to be there. Everything is on free loopback ports. */
export async function startIstiod(binary: string, { admin, folder, kubeconfig }: ControlPlane): Promise<Istiod> {
  await createNamespace(admin, "istio-system");
  const ports: number[] = [];
  for (let index = 0; index < 5; index += 1) ports.push(await freePort("127.0.0.1"));
  const [http = 0, xds = 0, secure = 0, monitoring = 0, webhooks = 0] = ports;
  const mesh = join(folder, "mesh.yaml");
  // JSON is YAML.
  const meshConfig = {
    defaultConfig: { discoveryAddress: `127.0.0.1:${secure}` },
    ...{ defaultProviders: {}, enablePrometheusMerge: false, rootNamespace: "istio-system" },
  };
  await writeFile(mesh, JSON.stringify(meshConfig));
  const args = [
    ...["discovery", "--kubeconfig", kubeconfig, "--meshConfig", mesh, "--ctrlz_port", "0"],
    ...["--httpAddr", `127.0.0.1:${http}`, "--httpsAddr", `127.0.0.1:${webhooks}`],
    ...["--grpcAddr", `127.0.0.1:${xds}`, "--secureGRPCAddr", `127.0.0.1:${secure}`],
    ...["--monitoringAddr", `127.0.0.1:${monitoring}`],
  ];
  const istiod = new ServerProcess(binary, args, folder, {
    ...{ POD_NAMESPACE: "istio-system", POD_NAME: "istiod-0", REVISION: "default", CLUSTER_ID: "Kubernetes" },
    // Stock Envoys have none of the filters that these put into each listener.
    ...{ PILOT_ENABLE_ALPN_FILTER: "false", PILOT_ENABLE_METADATA_EXCHANGE: "false" },
    ...{ VALIDATION_WEBHOOK_CONFIG_NAME: "", INJECTION_WEBHOOK_CONFIG_NAME: "" },
  });
  await istiod.until(async () => (await fetch(`http://127.0.0.1:${http}/ready`)).ok);
  const noTls = { metadata: { name: "default" }, spec: { mtls: { mode: "DISABLE" } } };
  await admin.create("/apis/security.istio.io/v1/namespaces/istio-system/peerauthentications", {
    ...{ apiVersion: "security.istio.io/v1", kind: "PeerAuthentication" },
    ...noTls,
  });
  return { xdsPort: xds, process: istiod };
}
