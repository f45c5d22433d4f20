/** The chart, the manifest that is made of it, and the version that both are of. Judged without helm, which is not everywhere. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "yaml";
import { chartHash } from "../../provision/manifest.ts";

/** What is not in step, a line each. */
export async function chartInStep(root: string): Promise<string> {
  const text = (path: string): Promise<string> => readFile(join(root, path), "utf8");
  const { version } = JSON.parse(await text("package.json")) as { version: string };
  const chart = parse(await text("deploy/helm/sidelight/Chart.yaml")) as Readonly<Record<string, string>>;
  const manifest = await text("deploy/sidelight.yaml");
  const stale = ["version", "appVersion"]
    .filter((field) => chart[field] !== version)
    .map((field) => `deploy/helm/sidelight/Chart.yaml says ${field} ${chart[field]}, package.json ${version}`);
  if (!manifest.includes(`# The chart's hash: ${await chartHash()}\n`)) {
    stale.push("deploy/sidelight.yaml is not of the chart as it is now: run `npm run manifest`");
  }
  return stale.join("\n");
}
