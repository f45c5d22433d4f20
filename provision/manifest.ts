/**
 * `npm run manifest`: writes deploy/sidelight.yaml, the whole installation as one plain manifest, out of the chart with its defaults.
 *
 * Its first lines hold a hash of the chart, so that `npm run lint` sees a chart that has changed since, also where there is no helm.
 */
import { createHash } from "node:crypto";
import { readFile, readdir, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { isMap, parseAllDocuments, stringify } from "yaml";
import type { Document } from "yaml";
import { kubernetesTools } from "./kubernetes.ts";
import { progressOn } from "./progress.ts";
import { run } from "./run.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const chart = join(root, "deploy", "helm", "sidelight");
/** Where the manifest is in the clone. */
export const manifestFile = join(root, "deploy", "sidelight.yaml");

/** What a helm that talks to no cluster is to take for its version; one that was built by hand thinks of 1.20. */
export const KUBE_VERSION = "1.36.3";

const NAMESPACE = {
  ...{ apiVersion: "v1", kind: "Namespace" },
  metadata: {
    name: "sidelight",
    labels: {
      "app.kubernetes.io/part-of": "sidelight",
      // The tap needs the node's network and NET_RAW; control would do with "restricted".
      "pod-security.kubernetes.io/enforce": "privileged",
    },
  },
};

/** Labels that say of an object that helm looks after it, which is not so here. */
const OF_HELM = ["app.kubernetes.io/managed-by", "helm.sh/chart"];
const LABELS = [
  ["metadata", "labels"],
  ["spec", "template", "metadata", "labels"],
];

/** A hash over the names and contents of the chart's files. */
export async function chartHash(): Promise<string> {
  const entries = await readdir(chart, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const hash = createHash("sha256");
  for (const file of files.sort()) hash.update(`${relative(chart, file)}\0`).update(await readFile(file));
  return hash.digest("hex");
}

/**
 * The manifest as the chart makes it.
 * @param helm path of the program
 */
export async function renderManifest(helm: string): Promise<string> {
  const place = ["--namespace", NAMESPACE.metadata.name, "--kube-version", KUBE_VERSION];
  const text = await run(helm, ["template", "sidelight", chart, ...place]);
  const documents = parseAllDocuments(text.replace(/^# Source: .*\n/gm, ""));
  if (!Array.isArray(documents)) throw new Error("The chart makes no objects");
  const head =
    "# The whole installation of Sidelight: kubectl apply -f deploy/sidelight.yaml\n" +
    "# Made out of deploy/helm/sidelight by `npm run manifest`; change it there. docs/install.md has the rest.\n" +
    `# The chart's hash: ${await chartHash()}\n`;
  return [head + stringify(NAMESPACE), ...documents.map(plain)].join("---\n");
}

function plain(document: Document.Parsed): string {
  for (const path of LABELS) {
    const labels = document.getIn(path);
    if (isMap(labels)) for (const label of OF_HELM) labels.delete(label);
  }
  return `${document.toString({ lineWidth: 0, directives: false, flowCollectionPadding: false }).trimEnd()}\n`;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const { helm } = await kubernetesTools(progressOn(), ["helm"]);
  await writeFile(manifestFile, await renderManifest(helm));
}
