/**
 * The parts of a Kubernetes control plane for tests, without containers and without root: etcd, the API server, its
 * controllers and scheduler, kwok (which plays the kubelets), kubectl and helm; and Istio's control plane. Each is the one in
 * `$KUBEBUILDER_ASSETS`, where envtest has it, else one on PATH that is new enough, else the one in the cache, else built out of the Go
 * registry.
 *
 * provision/kubernetes/go.mod and go.sum pin all of it. A cold build of what the tests want takes some six minutes on two cores.
 */
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { cacheRoot, cached, fingerprint, locked } from "./cache.ts";
import { findProgram } from "./find-program.ts";
import type { Progress, Step } from "./progress.ts";
import { run } from "./run.ts";

const version = "1.36.3";
const componentBase = "k8s.io/component-base/version";
const stamps = [
  `gitVersion=v${version}`,
  "gitMajor=1",
  "gitMinor=36",
  "gitTreeState=clean",
  "gitCommit=unknown",
  "buildDate=1970-01-01T00:00:00Z",
];

interface Source {
  readonly package: string;
  /** How an installed one says its version. */
  readonly ask: readonly string[];
  /** The oldest that is taken from PATH, major and minor. */
  readonly oldest: readonly [number, number];
  /** Build tags, as its makers release it. */
  readonly tags?: string;
}

const sources = {
  etcd: { package: "go.etcd.io/etcd/server/v3", ask: ["--version"], oldest: [3, 5] },
  "kube-apiserver": { package: "k8s.io/kubernetes/cmd/kube-apiserver", ask: ["--version"], oldest: [1, 31] },
  "kube-controller-manager": {
    package: "k8s.io/kubernetes/cmd/kube-controller-manager",
    ask: ["--version"],
    oldest: [1, 31],
  },
  "kube-scheduler": { package: "k8s.io/kubernetes/cmd/kube-scheduler", ask: ["--version"], oldest: [1, 31] },
  kwok: { package: "sigs.k8s.io/kwok/cmd/kwok", ask: ["--version"], oldest: [0, 7] },
  kubectl: { package: "k8s.io/kubernetes/cmd/kubectl", ask: ["version", "--client"], oldest: [1, 31] },
  helm: { package: "helm.sh/helm/v3/cmd/helm", ask: ["version"], oldest: [3, 14] },
  "pilot-discovery": {
    package: "istio.io/istio/pilot/cmd/pilot-discovery",
    ask: ["version", "--short"],
    oldest: [1, 24],
    tags: "vtprotobuf,disable_pgv",
  },
} as const satisfies Record<string, Source>;

export type KubernetesTool = keyof typeof sources;
/** Paths of programs by name. */
export type KubernetesTools<T extends KubernetesTool = KubernetesTool> = Readonly<Record<T, string>>;

/** This machine cannot build them; the message says what it lacks. */
export class NoKubernetesError extends Error {
  override readonly name = "NoKubernetesError";
}

const module = fileURLToPath(new URL("./kubernetes", import.meta.url));
const buildLimitMs = 2_400_000;

/** The named programs. Builds those that are not there. Throws a NoKubernetesError where it cannot. */
export async function kubernetesTools<T extends KubernetesTool>(
  progress: Progress,
  wanted: readonly T[],
): Promise<KubernetesTools<T>> {
  return await progress.step("Kubernetes", async (step) => {
    const present = await presentTools(wanted);
    const missing = wanted.filter((tool) => present[tool] === undefined);
    if (missing.length > 0) await buildAll(missing, step);
    const tools = await presentTools(wanted);
    step.note(`${version}, ${wanted.join(", ")}`);
    return tools as KubernetesTools<T>;
  });
}

/** The named programs as far as they are there already. */
export async function presentTools<T extends KubernetesTool>(
  wanted: readonly T[],
): Promise<Partial<KubernetesTools<T>>> {
  const found = await Promise.all(wanted.map(async (tool) => [tool, await present(tool)] as const));
  return Object.fromEntries(found.filter(([, path]) => path !== undefined)) as Partial<KubernetesTools<T>>;
}

async function present(tool: KubernetesTool): Promise<string | undefined> {
  const assets = process.env["KUBEBUILDER_ASSETS"];
  const named = assets ? join(assets, tool) : "";
  if (named !== "" && existsSync(named)) return named;
  const installed = findProgram(tool);
  // One that is too old, or something else of that name, is no reason to stop: what is built here does.
  if (installed && (await isNewEnough(tool, installed).catch(() => false))) return installed;
  const built = join(cacheRoot(), await entryOf(tool), tool);
  return existsSync(built) ? built : undefined;
}

async function isNewEnough(tool: KubernetesTool, path: string): Promise<boolean> {
  const { ask, oldest } = sources[tool];
  const stated = parseVersion(await run(path, ask, { timeoutMs: 20_000 }));
  if (!stated) return false;
  const [major, minor] = stated;
  return major > oldest[0] || (major === oldest[0] && minor >= oldest[1]);
}

/** The first version in what a program prints of itself: "etcd Version: 3.4.23", "Kubernetes v1.36.3". */
export function parseVersion(output: string): readonly [major: number, minor: number] | undefined {
  const [, major, minor] = /\bv?(\d+)\.(\d+)\.\d+/.exec(output) ?? [];
  return major === undefined ? undefined : [Number(major), Number(minor)];
}

async function entryOf(tool: KubernetesTool): Promise<string> {
  const pinned = await Promise.all(["go.mod", "go.sum"].map((file) => readFile(join(module, file), "utf8")));
  return `${tool}-${process.arch}-${fingerprint(...pinned, ...stamps)}`;
}

/** One compiler cache for all of them, gone with the build: what they share is compiled once, and it is 4 GB. */
async function buildAll(tools: readonly KubernetesTool[], step: Step): Promise<void> {
  if (!findProgram("go")) {
    const mend = "install Go 1.26 or newer, or set KUBEBUILDER_ASSETS to a folder that has them";
    throw new NoKubernetesError(`Building ${tools.join(", ")} needs go, not on PATH here: ${mend}`);
  }
  await locked(join(cacheRoot(), "kubernetes.lock"), async () => {
    const work = await mkdtemp(join(tmpdir(), "sidelight-kubernetes-"));
    try {
      for (const [index, tool] of tools.entries()) {
        step.note(`${index + 1} of ${tools.length}: building ${tool}, minutes for the large ones`);
        await cached(await entryOf(tool), async (folder) => buildOne(tool, folder, work));
      }
    } finally {
      await rm(work, { recursive: true, force: true });
    }
  });
}

async function buildOne(tool: KubernetesTool, folder: string, work: string): Promise<void> {
  const flags = `-s -w ${stamps.map((stamp) => `-X ${componentBase}.${stamp}`).join(" ")}`;
  const { package: source, tags = "" }: Source = sources[tool];
  const options = ["-mod=readonly", "-trimpath", "-tags", tags, "-ldflags", flags, "-o", join(folder, tool)];
  await run("go", ["build", ...options, source], {
    cwd: module,
    env: { ...process.env, CGO_ENABLED: "0", GOWORK: "off", GOCACHE: work },
    timeoutMs: buildLimitMs,
  });
}
