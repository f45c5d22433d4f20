/** Istio's CustomResourceDefinitions, out of the Go module that provision/kubernetes/go.mod pins. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseAllDocuments } from "yaml";
import { run } from "../../provision/run.ts";
import type { KubeClient } from "./kube-client.ts";

const module = fileURLToPath(new URL("../../provision/kubernetes", import.meta.url));

export interface Definition {
  readonly metadata: { readonly name: string };
}

/** WasmPlugin's; undefined, with a line that says why, where it cannot be had. It is downloaded once, 4 MB. */
export async function wasmPluginDefinition(): Promise<Definition | undefined> {
  try {
    const said = await run("go", ["mod", "download", "-json", "istio.io/api"], { cwd: module, timeoutMs: 120_000 });
    const { Dir } = JSON.parse(said) as { Dir: string };
    const text = await readFile(join(Dir, "kubernetes", "customresourcedefinitions.gen.yaml"), "utf8");
    const all = parseAllDocuments(text).map((document) => document.toJS() as Definition | null);
    return all.find((definition) => definition?.metadata.name === "wasmplugins.extensions.istio.io") ?? undefined;
  } catch (error) {
    process.stdout.write(`skipped: Istio's definitions cannot be had: ${(error as Error).message}\n`);
    return undefined;
  }
}

/** Creates it, and waits until its objects are served. */
export async function define(client: KubeClient, definition: Definition): Promise<void> {
  await client.create("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", definition);
  const areServed = (): Promise<boolean> =>
    client.get("/apis/extensions.istio.io/v1alpha1/wasmplugins").then(
      () => true,
      () => false,
    );
  while (!(await areServed())) await new Promise((resolve) => setTimeout(resolve, 50));
}
