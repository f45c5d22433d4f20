/** Rules of this code base that no off-the-shelf linter knows. Each returns its findings, a line each. */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";

/**
 * The way of the data (docs/architecture.md). A module of control/ imports only from its own folder and from those
 * before it; the wiring (files directly in control/) may import all of them.
 */
const STAGES = [
  "ingest",
  "identity",
  "routes",
  "world",
  "store",
  "alerts",
  "notify",
  "api",
  "kubernetes",
  "cli",
] as const;

/** What each top-level folder, or one folder of it, may import besides itself. `types` means: with `import type` only. */
const FOLDERS: Readonly<Record<string, readonly string[]>> = {
  "wasm-filter": [],
  client: ["proto"],
  control: ["proto"],
  "control/cli": ["proto", "client"],
  ui: ["control:types"],
  provision: [],
  demo: ["provision", "tap", "control:types"],
  tap: ["provision", "client", "control", "proto"],
  bench: ["provision", "demo", "tap", "control", "proto", "tests"],
  tests: ["wasm-filter", "tap", "client", "control", "ui", "provision", "demo", "bench", "proto"],
};

/** `control/world` may not know the outside world: no I/O, no clock, no framework. */
const PURE = /^control\/world\//;

interface Import {
  readonly file: string;
  readonly target: string;
  readonly typeOnly: boolean;
}

/** Tracked and new files that git does not ignore. */
export function sourceFiles(root: string): string[] {
  const result = spawnSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], {
    cwd: root,
    encoding: "utf8",
  });
  if (result.status !== 0) throw new Error(`Listing the files of ${root} with git: ${result.stderr}`);
  return result.stdout.split("\n").filter((file) => file !== "");
}

function importsOf(root: string, file: string): Import[] {
  const text = readFileSync(join(root, file), "utf8");
  const statement = /^(?:import|export)\s+(type\s+)?(?:[\w*{},$\s]+?\s+from\s+)?["']([^"']+)["']/gm;
  return [...text.matchAll(statement)].map((match) => {
    const spec = match[2] ?? "";
    const target = spec.startsWith(".") ? relative(root, resolve(root, dirname(file), spec)) : spec;
    return {
      file,
      target: target.startsWith("#proto/") ? target.replace("#", "") : target,
      typeOnly: Boolean(match[1]),
    };
  });
}

function stageOf(path: string): number {
  const [top, stage] = path.split("/");
  return top === "control" ? (STAGES as readonly string[]).indexOf(stage ?? "") : -1;
}

/** Between top-level folders. */
function folderFinding({ file, target, typeOnly }: Import, from: string, to: string): string | undefined {
  const allowed = FOLDERS[dirname(file)] ?? FOLDERS[from] ?? [];
  const fine = allowed.includes(to) || (typeOnly && allowed.includes(`${to}:types`));
  return fine ? undefined : `${file} imports ${target}; ${from}/ may import: ${allowed.join(", ") || "nothing"}`;
}

/** Between the stages of control/. */
function stageFinding({ file, target }: Import): string | undefined {
  const [own, other] = [stageOf(file), stageOf(target)];
  if (own < 0 || (other >= 0 && other <= own)) return undefined;
  return `${file} imports ${target}, which comes after it on the way of the data (${STAGES.join(" -> ")})`;
}

function orderFinding(one: Import, folders: ReadonlySet<string>): string | undefined {
  const [from = "", to = ""] = [one.file.split("/")[0], one.target.split("/")[0]];
  if (PURE.test(one.file) && one.target.startsWith("node:"))
    return `${one.file} imports ${one.target}, but control/world/ is pure`;
  if (!folders.has(to)) return undefined;
  return from === to ? stageFinding(one) : folderFinding(one, from, to);
}

/** Imports against the order of the folders. */
export function importOrder(root: string): string {
  const folders = new Set([...Object.keys(FOLDERS), "proto"]);
  return sourceFiles(root)
    .filter((file) => /\.(ts|svelte)$/.test(file))
    .flatMap((file) => importsOf(root, file))
    .map((one) => orderFinding(one, folders))
    .filter((finding) => finding !== undefined)
    .join("\n");
}

/** uvu silently skips a file that never calls `test.run()`, and swallows what a `before` hook throws. */
export function testsThatNeverRun(root: string): string {
  const tests = sourceFiles(root).filter((file) => file.endsWith(".test.ts"));
  return tests
    .flatMap((file) => {
      const text = readFileSync(join(root, file), "utf8");
      return [
        /^\s*\w+\.run\(\);$/m.test(text) ? [] : [`${file} never calls test.run()`],
        /^\w+\.before\((?!\s*loud\()/m.test(text) ? [`${file} has a before hook without loud() (tests/loud.ts)`] : [],
      ].flat();
    })
    .join("\n");
}

/** Paths of one machine, names of package registries, and leftovers. */
const FOREIGN: readonly (readonly [RegExp, string])[] = [
  [/(?<![\w.])\/(?:work|root)\//, "an absolute path of one machine"],
  [/registry\.npmjs|pypi\.org|pythonhosted|deb\.debian|proxy\.golang|crates\.io/, "the host of a package registry"],
  [/\b(?:TODO|FIXME|XXX)\b/, "a leftover note"],
];

/** Words that have no place in any file of the project. */
export function foreignWords(root: string): string {
  return sourceFiles(root)
    .filter(
      (file) =>
        /\.(ts|mjs|svelte|css|html|md|ya?ml|json|proto|sh)$|^\.ci\//.test(file) && file !== "tests/house/rules.ts",
    )
    .flatMap((file) => {
      const lines = readFileSync(join(root, file), "utf8").split("\n");
      return lines.flatMap((line, index) =>
        FOREIGN.filter(([pattern]) => pattern.test(line)).map(([, what]) => `${file}:${index + 1} has ${what}`),
      );
    })
    .join("\n");
}
