/** An upgrade of Sidelight as a cluster sees it: control's image is another one, and so is the filter in it. */
import { createHash, randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Listed } from "../../demo/kubernetes/kubectl.ts";
import { IMAGES, SHOP_NAMESPACE, SIDELIGHT_NAMESPACE } from "../../demo/kubernetes/names.ts";
import { rolledOut } from "../../demo/kubernetes/rollout.ts";
import { run } from "../../provision/run.ts";
import type { RealCluster } from "./real-cluster.ts";

const BUILT = "build/filter/sidelight.wasm";
/** Not the demo's, so that what runs after this begins with that one again. */
const IMAGE = "localhost/sidelight:0.1.0-next";
const SILENT = { note: () => {} };

/** The same module with another hash: a custom section is nothing to whoever runs it. */
function another(module: Uint8Array): Buffer {
  const content = Buffer.concat([Buffer.from([7]), Buffer.from("upgrade"), randomBytes(16)]);
  return Buffer.concat([module, Buffer.from([0, content.length]), content]);
}

/** Replaces control by one with another filter. @returns the SHA-256 of that filter, once that control is there */
export async function upgradeControl({ kubectl, images }: RealCluster): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "sidelight-upgrade-"));
  try {
    const module = another(await readFile(BUILT));
    await writeFile(join(folder, "sidelight.wasm"), module, { mode: 0o644 });
    const file = join(folder, "Dockerfile");
    await writeFile(file, `FROM ${IMAGES.sidelight}\nCOPY sidelight.wasm ${BUILT}\n`);
    await run("sh", ["-c", `${images.build} "$@"`, "sh", IMAGE, folder, "-f", file]);
    await run("sh", ["-c", `${images.load} "$@"`, "sh", IMAGE]);
    await kubectl.run(["-n", SIDELIGHT_NAMESPACE, "set", "image", "statefulset/sidelight", `control=${IMAGE}`]);
    await rolledOut(kubectl, SIDELIGHT_NAMESPACE, SILENT);
    return createHash("sha256").update(module).digest("hex");
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Pods of the shop with a sidecar that does not have this filter, and no other. */
export async function withoutFilter({ kubectl }: RealCluster, sha256: string): Promise<string[]> {
  const { items } = await kubectl.json<Listed<Pod>>(["-n", SHOP_NAMESPACE, "get", "pods"]);
  const meshed = items.filter(({ spec }) =>
    [...(spec.initContainers ?? []), ...spec.containers].some(({ name }) => name === "istio-proxy"),
  );
  const dump = ["-c", "istio-proxy", "--", "pilot-agent", "request", "GET", "config_dump"];
  const without: string[] = [];
  for (const { metadata } of meshed) {
    const said = await kubectl.run(["-n", SHOP_NAMESPACE, "exec", metadata.name, ...dump]);
    const modules = new Set(said.match(/[0-9a-f]{64}(?=\.wasm)/g) ?? []);
    if (modules.size !== 1 || !modules.has(sha256)) without.push(metadata.name);
  }
  return without;
}

interface Pod {
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly containers: readonly { readonly name: string }[];
    readonly initContainers?: readonly { readonly name: string }[];
  };
}
