/** The Helm chart as a real helm renders it. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import { projectRoot } from "../../provision/build.ts";
import { presentTools } from "../../provision/kubernetes.ts";
import { KUBE_VERSION } from "../../provision/manifest.ts";
import { run } from "../../provision/run.ts";

export const chartFolder = join(projectRoot, "deploy", "helm", "sidelight");

export interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly verbs: readonly string[];
}

/** An object of Kubernetes; what a test looks at it states itself. */
export interface KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly rules?: readonly Rule[];
  readonly spec?: unknown;
  readonly data?: Readonly<Record<string, string>>;
}

/** helm, where it is there already; undefined, with a line that says so, where it is not. */
export async function findHelm(): Promise<string | undefined> {
  const { helm } = await presentTools(["helm"]);
  if (helm !== undefined) return helm;
  process.stdout.write("skipped: there is no helm here yet; `npm run manifest` builds one (minutes)\n");
  return undefined;
}

/** Runs helm with values, as a person would in a file of theirs. */
export async function withValues<T>(values: object, work: (file: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "sidelight-values-"));
  try {
    const file = join(folder, "values.yaml");
    // JSON is YAML.
    await writeFile(file, JSON.stringify(values));
    return await work(file);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Options that say for which namespace, and for which Kubernetes, helm renders. */
export function place(namespace: string): string[] {
  return ["--namespace", namespace, "--kube-version", KUBE_VERSION];
}

/** The text that the chart renders. Throws with what helm says where it refuses the values. */
export async function renderText(helm: string, values: object = {}): Promise<string> {
  return await withValues(values, (file) =>
    run(helm, ["template", "sidelight", chartFolder, ...place("sidelight"), "--values", file]),
  );
}

/** The objects that the chart renders. */
export async function render(helm: string, values: object = {}): Promise<KubeObject[]> {
  return objectsIn(await renderText(helm, values));
}

/** The objects in a manifest. */
export function objectsIn(text: string): KubeObject[] {
  const documents = parseAllDocuments(text);
  for (const { errors } of documents) if (errors[0]) throw errors[0];
  return documents.map((document) => document.toJS() as KubeObject | null).filter((object) => object !== null);
}

/** The one object of that kind. Throws where there is none, or another. */
export function only(objects: readonly KubeObject[], kind: string): KubeObject {
  const found = objects.filter((object) => object.kind === kind);
  if (found.length === 1) return found[0] as KubeObject;
  throw new Error(`There are ${found.length} objects of kind ${kind}, not one`);
}
