/**
 * `npm run lint`: everything that can be judged without running the product. Each check runs to its end even when an
 * earlier one failed, so that one run shows all there is to mend.
 */
import { spawnSync } from "node:child_process";
import { join } from "node:path";

import { build, projectRoot } from "../../provision/build.ts";
import { progressOn } from "../../provision/progress.ts";
import { chartInStep } from "./chart.ts";
import { foreignWords, importOrder, testsThatNeverRun } from "./rules.ts";

interface Check {
  readonly name: string;
  /** Returns what is wrong, empty when nothing is. */
  run(): string | Promise<string>;
}

/** A tool out of node_modules; its whole output is the finding when it exits with anything but 0. */
function tool(name: string, file: string, args: readonly string[]): Check {
  return {
    name,
    run() {
      const result = spawnSync(process.execPath, [join(projectRoot, "node_modules", file), ...args], {
        cwd: projectRoot,
        encoding: "utf8",
        maxBuffer: 64 * 1024 * 1024,
      });
      return result.status === 0 ? "" : `${result.stdout}${result.stderr}`.trim() || `exit code ${result.status}`;
    },
  };
}

const buf = "@bufbuild/buf/bin/buf";
const checks: readonly Check[] = [
  tool("types", "typescript/bin/tsc", ["-p", "tsconfig.json"]),
  tool("types of the UI", "svelte-check/bin/svelte-check", ["--tsconfig", "ui/tsconfig.json", "--fail-on-warnings"]),
  tool("eslint", "eslint/bin/eslint.js", ["--max-warnings", "0", "."]),
  tool("prettier", "prettier/bin/prettier.cjs", ["--check", "--log-level", "warn", "."]),
  tool("buf lint", buf, ["lint", "proto"]),
  tool("buf breaking", buf, ["breaking", "proto", "--against", "proto/baseline.binpb"]),
  tool("import cycles", "madge/bin/cli.js", [
    ...["--circular", "--no-spinner", "--extensions", "ts", "--ts-config", "tsconfig.json"],
    ...["client", "control", "demo", "provision", "bench", "tap", "ui/src"],
  ]),
  { name: "import order", run: () => importOrder(projectRoot) },
  { name: "every test file runs", run: () => testsThatNeverRun(projectRoot) },
  { name: "chart, manifest and version", run: () => chartInStep(projectRoot) },
  { name: "no word that does not belong here", run: () => foreignWords(projectRoot) },
];

await build(progressOn());
let failed = 0;
for (const check of checks) {
  const finding = await check.run();
  process.stdout.write(`${finding ? "FAIL" : "ok  "} ${check.name}\n`);
  if (finding) {
    failed += 1;
    process.stdout.write(`${finding}\n`);
  }
}
process.stdout.write(`${checks.length - failed} passed, ${failed} failed\n`);
process.exitCode = failed > 0 ? 1 : 0;
