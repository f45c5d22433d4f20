/** The floor under every wasm filter: one that is called when a request ends and does nothing. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import { projectRoot } from "../../provision/build.ts";
import { run } from "../../provision/run.ts";

/** The marker of the ABI, room for nothing, and the one callback. AssemblyScript. */
const SOURCE = `
export function proxy_abi_version_0_2_1(): void {}
export function malloc(size: usize): usize { return 0; }
export function proxy_on_log(context: u32): void {}
`;

/** Compiles it into a folder. @returns the module's path */
export async function buildEmptyFilter(folder: string): Promise<string> {
  await writeFile(join(folder, "empty.ts"), SOURCE);
  const asc = join(projectRoot, "node_modules/assemblyscript/bin/asc.js");
  const options = ["--runtime", "stub", "--optimize", "--exportStart", "_initialize", "--use", "abort="];
  await run(process.execPath, [asc, "empty.ts", "--outFile", "empty.wasm", ...options], { cwd: folder });
  return join(folder, "empty.wasm");
}
