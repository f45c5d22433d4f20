/**
 * Builds what the sources alone do not give: the TypeScript of the contract, the filter, the UI, what benchmarks need.
 * Each is skipped while a hash over its inputs is that of its last build.
 *
 *     npm run build                  everything
 *     npm run build -- filter ui     only these
 */
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { pathToFileURL } from "node:url";
import { locked } from "./cache.ts";
import type { Progress } from "./progress.ts";
import { progressOn } from "./progress.ts";
import { projectRoot } from "./project-root.ts";
import { run } from "./run.ts";

export { projectRoot };

export type Target = "proto" | "filter" | "filter-image" | "tap" | "ui" | "bench";

interface Recipe {
  readonly title: string;
  /** What is built before it, as it is made of that. */
  readonly of?: Target;
  /** Files and folders whose content decides whether to build again; the lock file is always among them. */
  readonly inputs: readonly string[];
  /** Files that must be there afterwards. */
  readonly outputs: readonly string[];
  /** Programs in JavaScript or of their own, and their arguments, run one after the other in the root of the clone. */
  readonly commands: readonly (readonly string[])[];
}

const ASC = "node_modules/assemblyscript/bin/asc.js";
const TAP_MODULE = "build/tap/sidelight-tap.wasm";
const WASM_OPT = "node_modules/binaryen/bin/wasm-opt";
/** The tap's way from a packet to its request is many small functions; docs/decisions/0134 has what it gains by having fewer. */
const INLINING = [
  ...["-O4", "--inline-functions-with-loops"],
  ...["--always-inline-max-function-size=100", "--flexible-inline-max-function-size=300"],
  "--one-caller-inline-max-function-size=2000",
  // What asc uses, and wasm-opt would not read otherwise.
  ...["--enable-simd", "--enable-bulk-memory", "--enable-sign-ext", "--enable-nontrapping-float-to-int"],
  "--enable-mutable-globals",
];

const recipes: Readonly<Record<Target, Recipe>> = {
  proto: {
    title: "Contract (buf, ts-proto)",
    inputs: ["proto/sidelight", "proto/buf.gen.yaml", "proto/buf.yaml", "proto/descriptor-plugin.mjs"],
    outputs: ["ingest.ts", "stats.ts", "alerts.ts", "file-descriptors.ts"].map(
      (file) => `proto/gen/sidelight/v1/${file}`,
    ),
    commands: [[bufProgram(), "generate", "proto", "--template", "proto/buf.gen.yaml"]],
  },
  filter: {
    title: "Filter (AssemblyScript)",
    inputs: ["wasm-filter", "asconfig.json"],
    outputs: ["build/filter/sidelight.wasm"],
    commands: [[ASC, "--target", "release", "--config", "asconfig.json"]],
  },
  "filter-image": {
    title: "Image of the filter, for registries (OCI)",
    of: "filter",
    inputs: ["build/filter/sidelight.wasm", "provision/filter-image.ts", "package.json"],
    outputs: ["build/filter-image/index.json"],
    commands: [["node_modules/tsx/dist/cli.mjs", "provision/filter-image.ts"]],
  },
  tap: {
    title: "Module of the tap (AssemblyScript)",
    inputs: ["wasm-filter"],
    outputs: [TAP_MODULE],
    commands: [
      [ASC, "--target", "release", "--config", "wasm-filter/asconfig.tap.json"],
      [WASM_OPT, TAP_MODULE, "-o", TAP_MODULE, ...INLINING],
    ],
  },
  ui: {
    title: "UI (Svelte, Vite)",
    // The model's types are erased, but what they say is part of what the UI was checked against.
    inputs: ["ui", "control/world/model.ts", "control/identity/node.ts", "control/identity/observation.ts"],
    outputs: ["build/ui/index.html"],
    commands: [["node_modules/vite/bin/vite.js", "build", "--config", "ui/vite.config.ts", "--logLevel", "warn"]],
  },
  bench: {
    title: "Access log, for benchmarks (buf, ts-proto)",
    inputs: ["bench/filter/access_log.proto", "bench/filter/buf.gen.yaml"],
    outputs: ["proto/gen/bench/access_log.ts"],
    commands: [[bufProgram(), "generate", "bench/filter", "--template", "bench/filter/buf.gen.yaml"]],
  },
};

/** All targets, in the order in which they are built. */
export const allTargets = Object.keys(recipes) as readonly Target[];

/** Builds the targets that are not up to date, one process at a time in a clone. */
export async function build(progress: Progress, targets: readonly Target[] = allTargets): Promise<void> {
  await locked(join(projectRoot, "build", ".stamps", "lock"), async () => {
    const wanted = new Set(targets.flatMap((target) => [recipes[target].of ?? target, target]));
    for (const target of wanted) await buildOne(progress, target);
  });
}

async function buildOne(progress: Progress, target: Target): Promise<void> {
  const recipe = recipes[target];
  await progress.step(recipe.title, async (step) => {
    const hash = await hashOf([...recipe.inputs, "package-lock.json"], JSON.stringify(recipe.commands));
    const stamp = join(projectRoot, "build", ".stamps", target);
    const last = await readFile(stamp, "utf8").catch(() => "");
    if (last === hash && missing(recipe.outputs).length === 0) {
      step.note("up to date");
      return;
    }
    await rm(stamp, { force: true });
    for (const command of recipe.commands) await runTool(command);
    const absent = missing(recipe.outputs);
    if (absent.length > 0) throw new Error(`Building ${target} ended well but left no ${absent.join(", ")}`);
    await mkdir(join(projectRoot, "build", ".stamps"), { recursive: true });
    await writeFile(stamp, hash);
    step.note(recipe.outputs.join(", "));
  });
}

async function runTool([program = "", ...args]: readonly string[]): Promise<void> {
  const isScript = program === WASM_OPT || /\.m?js$/.test(program);
  await run(isScript ? process.execPath : program, isScript ? [program, ...args] : args, {
    cwd: projectRoot,
    // What a tool says is shown only when it fails, within a message of ours.
    env: { ...process.env, NO_COLOR: "1", FORCE_COLOR: "0" },
  });
}

function missing(files: readonly string[]): string[] {
  return files.filter((file) => !existsSync(join(projectRoot, file)));
}

function bufProgram(): string {
  return `node_modules/@bufbuild/buf-${process.platform}-${process.arch === "arm64" ? "aarch64" : process.arch}/bin/buf`;
}

/** Hash over a text, and the names and contents of all files under the inputs. */
async function hashOf(inputs: readonly string[], text: string): Promise<string> {
  const hash = createHash("sha256").update(text);
  for (const input of inputs) {
    for (const file of await filesUnder(join(projectRoot, input))) {
      const content = await readFile(file);
      hash.update(`${relative(projectRoot, file)}\0${content.length}\0`).update(content);
    }
  }
  return hash.digest("hex");
}

async function filesUnder(path: string): Promise<string[]> {
  try {
    const entries = await readdir(path, { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
    return files.sort();
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    if (code === "ENOTDIR") return [path];
    if (code !== "ENOENT") throw cause;
    throw new Error(`${relative(projectRoot, path)} is missing in this clone, and the build needs it`, { cause });
  }
}

function isTarget(word: string): word is Target {
  return word in recipes;
}

async function main(words: readonly string[]): Promise<void> {
  const unknown = words.filter((word) => !isTarget(word));
  if (unknown.length > 0) {
    process.stderr.write(`Not something to build: ${unknown.join(", ")}. There is ${allTargets.join(", ")}.\n`);
    process.exit(2);
  }
  const targets = words.filter(isTarget);
  await build(progressOn(), targets.length > 0 ? targets : allTargets);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  try {
    await main(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  }
}
