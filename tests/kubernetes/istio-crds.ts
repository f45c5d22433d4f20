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
  readonly spec: { readonly versions: readonly DefinedVersion[] };
}

interface DefinedVersion {
  readonly schema: {
    readonly openAPIV3Schema: {
      readonly properties: { readonly spec: { readonly properties: Readonly<Record<string, object>> } };
    };
  };
}

/** WasmPlugin's as it was before there were plugins for TCP. */
export function withoutType(definition: Definition): Definition {
  const older = structuredClone(definition);
  for (const { schema } of older.spec.versions) {
    Reflect.deleteProperty(schema.openAPIV3Schema.properties.spec.properties, "type");
  }
  return older;
}

/** WasmPlugin's; undefined, with a line that says why, where it cannot be had. */
export async function wasmPluginDefinition(): Promise<Definition | undefined> {
  const all = await istioDefinitions();
  return all?.find(({ metadata }) => metadata.name === "wasmplugins.extensions.istio.io");
}

/** All of them; undefined, with a line that says why, where they cannot be had. They are downloaded once, 4 MB. */
export async function istioDefinitions(): Promise<readonly Definition[] | undefined> {
  try {
    const said = await run("go", ["mod", "download", "-json", "istio.io/api"], { cwd: module, timeoutMs: 120_000 });
    const { Dir } = JSON.parse(said) as { Dir: string };
    const text = await readFile(join(Dir, "kubernetes", "customresourcedefinitions.gen.yaml"), "utf8");
    return parseAllDocuments(text).flatMap((document) => (document.toJS() as Definition | null) ?? []);
  } catch (error) {
    process.stdout.write(`skipped: Istio's definitions cannot be had: ${(error as Error).message}\n`);
    return undefined;
  }
}

const DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";

/** Creates WasmPlugin's and others, and waits until its objects are served. */
export async function define(client: KubeClient, ...definitions: readonly Definition[]): Promise<void> {
  for (const definition of definitions) await client.create(DEFINITIONS, definition);
  const areServed = (): Promise<boolean> =>
    client.get("/apis/extensions.istio.io/v1alpha1/wasmplugins").then(
      () => true,
      () => false,
    );
  while (!(await areServed())) await new Promise((resolve) => setTimeout(resolve, 50));
}
