import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type Result, type RunOptions, command, run } from "./run.ts";

const slo = suite("sidelight slo");
let path = "";
const sidelight = (args: readonly string[], options?: RunOptions): Promise<Result> =>
  run(process.execPath, [command, "slo", ...args], options);

slo.before.each(() => {
  path = mkdtempSync(join(tmpdir(), "sidelight-slo-"));
});

slo.after.each(() => rmSync(path, { recursive: true, force: true }));

function object(name: string, objective: string): string {
  return `apiVersion: sidelight.dev/v1\nkind: SLO\nmetadata: {name: ${name}}\nspec: {indicator: connect, objective: ${objective}}\n`;
}

function write(file: string, ...texts: readonly string[]): string {
  const whole = join(path, file);
  writeFileSync(whole, texts.join("---\n"));
  return whole;
}

slo("check: nothing but a count, where all is well; no control is asked", async () => {
  const file = write("a.yaml", object("one", "99"), object("two", "99.9"));
  const env = { SIDELIGHT_SERVER: "127.0.0.1:1" };
  assert.equal(await sidelight(["check", file], { env }), { code: 0, stdout: "2 objects are fine\n", stderr: "" });
});

slo("check: each problem with its line, a status for pipelines, and the others are read all the same", async () => {
  const file = write("a.yaml", object("one", "0.99"), object("two", "99"));
  const { code, stdout, stderr } = await sidelight(["check", file]);
  assert.equal([code, stderr], [1, ""]);
  assert.equal(stdout.split("\n"), [
    `${file}:4:39: spec.objective: 0.99 percent is hardly meant; objectives are percent, so write 99`,
    "     4 | spec: {indicator: connect, objective: 0.99}",
    "       |                                       ^^^^",
    "",
    "1 problem; 1 object is fine",
    "",
  ]);
});

slo("check: folders as control reads them, and names over all files", async () => {
  mkdirSync(join(path, "alerts"));
  write("alerts/a.yaml", object("one", "99"));
  write("alerts/b.yml", object("one", "98"));
  write("alerts/.hidden.yaml", "not: read");
  const { code, stdout } = await sidelight(["check", join(path, "alerts"), "--json"]);
  assert.is(code, 1);
  const answer = JSON.parse(stdout) as { objects: unknown[]; problems: Record<string, unknown>[] };
  assert.equal(answer.objects, [{ kind: "SLO", name: "one", file: join(path, "alerts/a.yaml"), line: 1 }]);
  assert.equal(answer.problems, [
    {
      ...{ file: join(path, "alerts/b.yml"), line: 3, column: 18, kind: "SLO", name: "one", field: "metadata.name" },
      message: `another SLO at ${join(path, "alerts/a.yaml")}:1 has this name already; give it another`,
    },
  ]);
});

slo("check: standard input", async () => {
  const script = `printf '%s' "$OBJECT" | '${process.execPath}' '${command}' slo check -`;
  const { code, stdout } = await run("sh", ["-c", script], { env: { OBJECT: object("one", "100") } });
  assert.is(code, 1);
  assert.match(stdout, /^stdin:4:39: spec\.objective: 100 leaves no budget/);
});

slo("what cannot be read, and what is no question", async () => {
  const { code, stderr } = await sidelight(["check", join(path, "none.yaml")]);
  assert.is(code, 1);
  assert.match(stderr, /^sidelight: Reading .*none\.yaml: ENOENT/);
  assert.is((await sidelight(["check"])).code, 2);
});

slo.run();
