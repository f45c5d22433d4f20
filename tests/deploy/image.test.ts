/** What the Dockerfiles of deploy/images leave out must not be needed. The images themselves are built by those who have buildah or docker. */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { projectRoot } from "../../provision/build.ts";
import { sourceFiles } from "../house/rules.ts";

const text = (path: string): string => readFileSync(join(projectRoot, path), "utf8");

/** The stages of an image, each with its lines. */
const stagesOf = (image: string): string[][] =>
  text(`deploy/images/${image}.Dockerfile`)
    .split(/^FROM /m)
    .slice(1)
    .map((stage) => stage.split("\n"));

const stages = stagesOf("control");
const tapStages = stagesOf("tap");

/** What a stage copies out of the clone, and what it copies out of another stage. */
function copied(stage: readonly string[]): { readonly clone: string[]; readonly stages: string[] } {
  const copies = stage.filter((line) => line.startsWith("COPY ")).map((line) => line.split(" ").slice(1, -1));
  const from = ([option = ""]: readonly string[]): boolean => option.startsWith("--from=");
  return {
    clone: copies.filter((words) => !from(words)).flat(),
    stages: copies.filter(from).map((words) => words.slice(1).join()),
  };
}

const IMPORT =
  /^(?:import|export)\s+(type\s+)?(?:[\w*{},$\s]+?\s+from\s+)?["']([^"']+)["']|\bimport\(["']([^"']+)["']\)/gm;

/** What a file imports from outside of its own folders when it runs. */
function importsOf(file: string): string[] {
  return [...text(file).matchAll(IMPORT)]
    .filter(([, isType]) => !isType)
    .map(([, , stated, late]) => stated ?? late ?? "")
    .filter((name) => !name.startsWith("."));
}

const last = copied(stages.at(-1) ?? []);

test("what they copy is there", () => {
  assert.equal([stages.length, tapStages.length], [3, 2]);
  for (const path of [...stages, ...tapStages].flatMap((stage) => copied(stage).clone))
    assert.ok(existsSync(join(projectRoot, path)), path);
});

test("what control imports is in the image: its own folders, and packages that are no development's", () => {
  const folders = new Set([...last.clone, ...last.stages.map((path) => path.replace("/src/", ""))]);
  const { dependencies } = JSON.parse(text("package.json")) as { dependencies: Readonly<Record<string, string>> };
  const isIn = (name: string): boolean => {
    if (name.startsWith("node:") || name === "sidelight/client") return true;
    if (name.startsWith("#proto/")) return folders.has("proto/gen");
    return name.split("/", name.startsWith("@") ? 2 : 1).join("/") in dependencies;
  };
  const files = sourceFiles(projectRoot).filter((file) => /^(control|client)\/.*\.(ts|mjs)$/.test(file));
  assert.ok(files.length > 100);
  const missing = files.flatMap((file) =>
    importsOf(file)
      .filter((name) => !isIn(name))
      .map((name) => `${file}: ${name}`),
  );
  assert.equal(missing, []);
  for (const folder of ["control", "client", "proto/gen", "node_modules", "build/ui", "build/filter"]) {
    assert.ok(folders.has(folder), folder);
  }
});

test("control runs as the user that the chart states, and starts what `npm run control` starts", () => {
  const lines = stages.at(-1) ?? [];
  const chart = text("deploy/helm/sidelight/templates/statefulset.yaml");
  const [, user, group] = /^USER (\d+):(\d+)$/m.exec(lines.join("\n")) ?? [];
  assert.match(chart, `runAsUser: ${user}\n`);
  assert.match(chart, `runAsGroup: ${group}\n`);
  assert.ok(
    lines.includes(
      'ENTRYPOINT ["node", "--max-semi-space-size=32", "--heap-growing-percent=50", "--import", "tsx", "control/main.ts"]',
    ),
  );
  assert.match(text("package.json"), '"control": "node provision/bootstrap.mjs control/main.ts"');
});

/** The files that run when one does, itself among them. */
function reachedFrom(file: string, found = new Set<string>()): ReadonlySet<string> {
  if (found.has(file)) return found;
  found.add(file);
  for (const [, isType, stated, late] of text(file).matchAll(IMPORT)) {
    const name = stated ?? late ?? "";
    if (!isType && name.startsWith(".")) reachedFrom(join(dirname(file), name), found);
  }
  return found;
}

test("the tap is bundled out of what its image was given, and runs as the user that the chart states", () => {
  const given = new Set(copied(tapStages[0] ?? []).clone.map((path) => path.split("/")[0]));
  const reached = [...reachedFrom("tap/main.ts")];
  assert.ok(reached.includes("tap/live.ts") && reached.includes("client/backoff.ts"));
  assert.equal(
    reached.filter((file) => !given.has(file.split("/")[0])),
    [],
  );
  const last = (tapStages.at(-1) ?? []).join("\n");
  const [, user] = /^USER (\d+):\1$/m.exec(last) ?? [];
  assert.match(text("deploy/helm/sidelight/templates/tap-daemonset.yaml"), `runAsUser: ${user}\n`);
  assert.match(last, 'ENTRYPOINT ["node", "tap/main.mjs"]');
  assert.match(last, "setcap cap_net_raw+ep /usr/bin/tcpdump");
});

test.run();
