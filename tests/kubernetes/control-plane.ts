/**
 * A real Kubernetes control plane for tests, without containers and without root: etcd and the API server, and where asked for the
 * controllers, the scheduler and kwok, which plays the kubelets. Everything is on free loopback ports and in a folder of its own, so
 * several run at once. `findKubernetes` never builds one, so quick tests say that they were skipped where none is there yet.
 */
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { freePort } from "../../demo/free-port.ts";
import { NoKubernetesError, kubernetesTools, presentTools } from "../../provision/kubernetes.ts";
import type { KubernetesTool, KubernetesTools } from "../../provision/kubernetes.ts";
import { progressOn } from "../../provision/progress.ts";
import { KubeClient } from "./kube-client.ts";
import { ServerProcess } from "./server-process.ts";

const SERVERS = ["etcd", "kube-apiserver"] as const;
const CONTROLLERS = ["kube-controller-manager", "kube-scheduler", "kwok"] as const;
type ServerTools = KubernetesTools<(typeof SERVERS)[number]>;
type AllTools = KubernetesTools<(typeof SERVERS)[number] | (typeof CONTROLLERS)[number]>;

/** etcd and the API server as far as they are there already; undefined, with a line that says so, where they are not. */
export async function findKubernetes(): Promise<ServerTools | undefined> {
  const found = await presentTools(SERVERS);
  const { etcd, "kube-apiserver": apiServer } = found;
  if (etcd !== undefined && apiServer !== undefined) return { etcd, "kube-apiserver": apiServer };
  process.stdout.write(
    "skipped: there is no Kubernetes here yet; `npm test -- --slow kubernetes` builds one (8 minutes)\n",
  );
  return undefined;
}

/** All servers, built where there are none yet; undefined, with a line that says why, where that cannot be. */
export async function getKubernetes(): Promise<AllTools | undefined> {
  return await built([...SERVERS, ...CONTROLLERS]);
}

/** etcd and the API server alone, likewise. */
export async function getApiServer(): Promise<ServerTools | undefined> {
  return await built(SERVERS);
}

async function built<T extends KubernetesTool>(wanted: readonly T[]): Promise<KubernetesTools<T> | undefined> {
  try {
    return await kubernetesTools(progressOn(), wanted);
  } catch (error) {
    if (!(error instanceof NoKubernetesError)) throw error;
    process.stdout.write(`skipped: ${error.message}\n`);
    return undefined;
  }
}

export interface ControlPlaneOptions {
  /** Runs the controllers, the scheduler and kwok too. */
  readonly withControllers?: AllTools;
  /** More options of the API server. */
  readonly apiServerOptions?: readonly string[];
}

export interface ControlPlane {
  /** Of the API server. */
  readonly url: string;
  /** Path of a kubeconfig that may do everything. */
  readonly kubeconfig: string;
  /** May do everything. */
  readonly admin: KubeClient;
  readonly apiServer: ServerProcess;
  /** Where its files may lie; goes with it. */
  readonly folder: string;
  /** Waits until the API server answers, as after a restart. */
  ready(): Promise<void>;
  /** Makes a service account. @returns a kubeconfig with a token of it */
  serviceAccount(namespace: string, name: string): Promise<string>;
  /** @returns a kubeconfig with a token of a service account that is there */
  accountToken(namespace: string, name: string): Promise<string>;
  /** Forgets everything in etcd but what is there now. */
  compact(): Promise<void>;
  /** What the servers said last. */
  log(): string;
  /** Ends all of it and removes what it made. */
  remove(): Promise<void>;
}

/** A port that was free may be somebody else's a moment later. */
const TRIES = 3;

export async function startControlPlane(tools: ServerTools, options: ControlPlaneOptions = {}): Promise<ControlPlane> {
  for (let left = TRIES - 1; ; left--) {
    try {
      return await startOnce(tools, options);
    } catch (error) {
      if (left === 0) throw error;
    }
  }
}

async function startOnce(tools: ServerTools, options: ControlPlaneOptions): Promise<ControlPlane> {
  const folder = await mkdtemp(join(tmpdir(), "sidelight-kubernetes-"));
  const [client, peer, secure] = [await port(), await port(), await port()];
  const etcdUrl = `http://127.0.0.1:${client}`;
  const url = `https://127.0.0.1:${secure}`;
  const token = randomBytes(16).toString("hex");
  const ca = (): string => readFileSync(join(folder, "certs", "apiserver.crt"), "utf8");
  const admin = new KubeClient(url, ca, token);
  const kubeconfig = join(folder, "admin.kubeconfig");
  await writeKeys(folder, token);

  const running: ServerProcess[] = [];
  const launch = (binary: string, args: readonly string[]): ServerProcess => {
    const server = new ServerProcess(binary, args, folder);
    running.push(server);
    return server;
  };
  // An API server that has lost etcd does not end for minutes, so it goes first.
  const remove = async (): Promise<void> => {
    for (const server of running.reverse()) await server.stop("SIGKILL");
    await rm(folder, { recursive: true, force: true });
  };
  const log = (): string => running.map((server) => `== ${server.name}\n${server.log}`).join("\n");
  try {
    const etcd = launch(tools.etcd, etcdArguments({ folder, etcdUrl, peerUrl: `http://127.0.0.1:${peer}` }));
    await etcd.until(async () => (await fetch(`${etcdUrl}/health`)).ok);
    const apiArguments = apiServerArguments({
      folder,
      etcdUrl,
      secure,
      hasControllers: Boolean(options.withControllers),
    });
    const apiServer = launch(tools["kube-apiserver"], [...apiArguments, ...(options.apiServerOptions ?? [])]);
    const ready = (): Promise<void> => apiServer.until(async () => (await admin.text("/readyz")) === "ok");
    await ready();
    await writeKubeconfig(kubeconfig, { url, ca: ca(), token });
    if (options.withControllers) {
      launchControllers(options.withControllers, { folder, kubeconfig, kubelet: await port(), launch });
    }
    const accountToken = async (namespace: string, name: string): Promise<string> => {
      const of = `/api/v1/namespaces/${namespace}/serviceaccounts/${name}/token`;
      const made = await admin.create<{ status: { token: string } }>(of, { spec: {} });
      const path = join(folder, `${namespace}.${name}.kubeconfig`);
      await writeKubeconfig(path, { url, ca: ca(), token: made.status.token });
      return path;
    };
    return {
      ...{ url, kubeconfig, admin, apiServer, folder, ready, log, remove, accountToken },
      compact: () => compact(etcdUrl),
      async serviceAccount(namespace, name) {
        await admin.create(`/api/v1/namespaces/${namespace}/serviceaccounts`, { metadata: { name } });
        return await accountToken(namespace, name);
      },
    };
  } catch (cause) {
    const said = log();
    await remove();
    throw new Error(`Starting a control plane; its servers said:\n${said}`, { cause });
  }
}

function port(): Promise<number> {
  return freePort("127.0.0.1");
}

async function writeKeys(folder: string, token: string): Promise<void> {
  await mkdir(join(folder, "certs"));
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  await writeFile(join(folder, "sa.key"), privateKey.export({ type: "pkcs1", format: "pem" }));
  await writeFile(join(folder, "tokens.csv"), `${token},admin,admin,"system:masters"\n`);
}

async function writeKubeconfig(path: string, to: { url: string; ca: string; token: string }): Promise<void> {
  const cluster = { server: to.url, "certificate-authority-data": Buffer.from(to.ca).toString("base64") };
  const config = {
    ...{ apiVersion: "v1", kind: "Config", "current-context": "tests" },
    clusters: [{ name: "tests", cluster }],
    users: [{ name: "tests", user: { token: to.token } }],
    contexts: [{ name: "tests", context: { cluster: "tests", user: "tests" } }],
  };
  // JSON is YAML.
  await writeFile(path, JSON.stringify(config, undefined, 2), { mode: 0o600 });
}

function etcdArguments({ folder, etcdUrl, peerUrl }: Record<"folder" | "etcdUrl" | "peerUrl", string>): string[] {
  return [
    ...["--name=default", `--data-dir=${join(folder, "etcd")}`, "--unsafe-no-fsync", "--log-level=error"],
    ...[`--listen-client-urls=${etcdUrl}`, `--advertise-client-urls=${etcdUrl}`, `--listen-peer-urls=${peerUrl}`],
    ...[`--initial-advertise-peer-urls=${peerUrl}`, `--initial-cluster=default=${peerUrl}`],
  ];
}

interface ApiServerPlace {
  readonly folder: string;
  readonly etcdUrl: string;
  readonly secure: number;
  readonly hasControllers: boolean;
}

function apiServerArguments({ folder, etcdUrl, secure, hasControllers }: ApiServerPlace): string[] {
  const key = join(folder, "sa.key");
  return [
    ...[`--etcd-servers=${etcdUrl}`, "--bind-address=127.0.0.1", "--advertise-address=127.0.0.1"],
    ...[`--secure-port=${secure}`, `--cert-dir=${join(folder, "certs")}`, "--service-cluster-ip-range=10.96.0.0/16"],
    ...[
      "--authorization-mode=RBAC",
      `--token-auth-file=${join(folder, "tokens.csv")}`,
      "--endpoint-reconciler-type=none",
    ],
    ...["--service-account-issuer=https://kubernetes.default.svc", `--service-account-key-file=${key}`],
    ...[`--service-account-signing-key-file=${key}`, "--allow-privileged=true", "--profiling=false"],
    // Without its controller no namespace gets the account that pods need.
    ...(hasControllers ? [] : ["--disable-admission-plugins=ServiceAccount"]),
  ];
}

interface ControllersPlace {
  readonly folder: string;
  readonly kubeconfig: string;
  /** Where kwok would answer what a kubelet is asked. */
  readonly kubelet: number;
  readonly launch: (binary: string, args: readonly string[]) => ServerProcess;
}

function launchControllers(tools: AllTools, { folder, kubeconfig, kubelet, launch }: ControllersPlace): void {
  const common = [`--kubeconfig=${kubeconfig}`, "--leader-elect=false", "--secure-port=0"];
  const client = ["--kube-api-qps=300", "--kube-api-burst=600"];
  launch(tools["kube-controller-manager"], [
    ...[...common, ...client, `--service-account-private-key-file=${join(folder, "sa.key")}`],
    ...[`--root-ca-file=${join(folder, "certs", "apiserver.crt")}`, "--controllers=*,-node-ipam-controller"],
  ]);
  launch(tools["kube-scheduler"], [...common, ...client]);
  launch(tools.kwok, [
    ...[`--kubeconfig=${kubeconfig}`, "--manage-all-nodes", "--cidr=10.1.0.0/16", "--node-ip=10.2.0.1"],
    ...[`--node-port=${kubelet}`, `--server-address=127.0.0.1:${kubelet}`],
    `--config=${fileURLToPath(new URL("./kwok-stages.yaml", import.meta.url))}`,
  ]);
}

/** By etcd's JSON gateway. */
async function compact(etcdUrl: string): Promise<void> {
  const ask = async (path: string, body: object): Promise<{ header: { revision: string } }> => {
    const response = await fetch(`${etcdUrl}${path}`, { method: "POST", body: JSON.stringify(body) });
    if (!response.ok) throw new Error(`etcd ${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as { header: { revision: string } };
  };
  const { header } = await ask("/v3/kv/range", { key: Buffer.from("/").toString("base64") });
  await ask("/v3/kv/compaction", { revision: header.revision, physical: true });
}
