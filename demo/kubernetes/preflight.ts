/** Looks whether the demo can run in a cluster, before it makes anything there. */
import { UserError } from "../commands.ts";
import type { Kubectl, Listed } from "./kubectl.ts";
import { DEMO_LABEL, LOAD_NAMESPACE, SHOP_NAMESPACE, SIDELIGHT_NAMESPACE } from "./names.ts";

const ANSWER_TIMEOUT_MS = 20_000;

/** What the demo has to know of a cluster. */
export interface ClusterFacts {
  /** Address of the API server. */
  readonly server: string;
  readonly version: string;
  /** Nodes that take pods. */
  readonly nodes: readonly string[];
  readonly hasStorage: boolean;
}

interface Named {
  readonly metadata: {
    readonly name: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
}

interface Node extends Named {
  readonly spec: { readonly taints?: readonly { readonly effect: string }[]; readonly unschedulable?: boolean };
}

/** @throws UserError that says what is missing */
export async function lookAt(kubectl: Kubectl): Promise<ClusterFacts> {
  const facts = await reach(kubectl);
  await mayAll(kubectl);
  await isMeshed(kubectl);
  await isFree(kubectl);
  return facts;
}

async function reach(kubectl: Kubectl): Promise<ClusterFacts> {
  const quick = { timeoutMs: ANSWER_TIMEOUT_MS };
  try {
    const config = await kubectl.json<{ clusters: { cluster: { server: string } }[] }>(["config", "view", "--minify"]);
    const version = await kubectl.json<{ serverVersion: { gitVersion: string } }>(["version"], quick);
    const nodes = await kubectl.json<Listed<Node>>(["get", "nodes"], quick);
    const classes = await kubectl.json<Listed<Named>>(["get", "storageclasses"], quick);
    return {
      server: config.clusters[0]?.cluster.server ?? "",
      version: version.serverVersion.gitVersion,
      nodes: nodes.items.filter(takesPods).map(({ metadata }) => metadata.name),
      hasStorage: classes.items.some(isDefault),
    };
  } catch (cause) {
    throw new UserError(`The cluster of the context "${kubectl.context}" does not answer as it should`, { cause });
  }
}

function takesPods({ spec: { taints = [], unschedulable = false } }: Node): boolean {
  return !unschedulable && taints.every(({ effect }) => effect === "PreferNoSchedule");
}

function isDefault({ metadata: { annotations = {} } }: Named): boolean {
  return annotations["storageclass.kubernetes.io/is-default-class"] === "true";
}

async function mayAll(kubectl: Kubectl): Promise<void> {
  const resources = [
    ...["namespaces", "statefulsets.apps", "clusterroles.rbac.authorization.k8s.io"],
    ...["clusterrolebindings.rbac.authorization.k8s.io", "wasmplugins.extensions.istio.io"],
  ];
  const answers = await Promise.all(resources.map((resource) => kubectl.may("create", resource)));
  const refused = resources.filter((_, index) => !answers[index]);
  if (refused.length === 0) return;
  const list = refused.join(", ");
  throw new UserError(`The context "${kubectl.context}" may not create ${list}. The demo needs an administrator's.`);
}

async function isMeshed(kubectl: Kubectl): Promise<void> {
  const quiet = ["--ignore-not-found", "-o", "name"];
  const plugins = await kubectl.run(["get", "crd", "wasmplugins.extensions.istio.io", ...quiet]);
  const injectors = await kubectl.run(["get", "mutatingwebhookconfigurations", "-l", "app=sidecar-injector", ...quiet]);
  if (plugins.trim() && injectors.trim()) return;
  const what = plugins.trim() ? "injects no sidecars (no webhook with app=sidecar-injector)" : "has no Istio";
  throw new UserError(
    `The cluster of the context "${kubectl.context}" ${what}. Install it first: https://istio.io/latest/docs/setup/install/`,
  );
}

/** What is there already is somebody's; but for what a demo left that was killed. */
async function isFree(kubectl: Kubectl): Promise<void> {
  const { items } = await kubectl.json<Listed<Named>>(["get", "namespaces"]);
  const taken = items.filter(({ metadata: { name } }) =>
    [SHOP_NAMESPACE, LOAD_NAMESPACE, SIDELIGHT_NAMESPACE].includes(name),
  );
  if (taken.length === 0) return;
  const names = taken.map(({ metadata }) => metadata.name).join(", ");
  const [[key, value]] = Object.entries(DEMO_LABEL) as [[string, string]];
  const isLeft = taken.some(({ metadata: { labels = {} } }) => labels[key] === value);
  throw new UserError(
    isLeft
      ? `Another demo runs in this cluster, or was killed in it: there is ${names}. To remove what it left: npm run demo -- --kubernetes --remove`
      : `The demo makes ${names}, which there is already in this cluster. It does not touch what is not its own.`,
  );
}
