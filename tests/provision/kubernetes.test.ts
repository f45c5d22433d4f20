import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { NoKubernetesError, kubernetesTools, parseVersion, presentTools } from "../../provision/kubernetes.ts";
import { silent } from "../../provision/progress.ts";

const names = ["PATH", "SIDELIGHT_CACHE", "KUBEBUILDER_ASSETS"] as const;
const saved = Object.fromEntries(names.map((name) => [name, process.env[name]]));
let folder: string;

test.before.each(() => {
  folder = mkdtempSync(join(tmpdir(), "sidelight-kubernetes-test-"));
  process.env["SIDELIGHT_CACHE"] = join(folder, "cache");
  process.env["PATH"] = folder;
  delete process.env["KUBEBUILDER_ASSETS"];
});

test.after.each(() => {
  for (const name of names) {
    if (saved[name] === undefined) delete process.env[name];
    else process.env[name] = saved[name];
  }
  rmSync(folder, { recursive: true });
});

function program(name: string, prints: string): string {
  const path = join(folder, name);
  writeFileSync(path, `#!/bin/sh\necho "${prints}"\n`);
  chmodSync(path, 0o755);
  return path;
}

test("the version out of what programs print", () => {
  const cases: [string, readonly [number, number] | undefined][] = [
    ["etcd Version: 3.4.23\nGit SHA: Not provided", [3, 4]],
    ["Kubernetes v1.36.3", [1, 36]],
    ["Client Version: v1.31.0\nKustomize Version: v5.4.2", [1, 31]],
    ['version.BuildInfo{Version:"v3.22.0", GitCommit:""}', [3, 22]],
    ["something else", undefined],
  ];
  for (const [output, expected] of cases) assert.equal(parseVersion(output), expected, output);
});

test("what is on PATH counts if it is new enough", async () => {
  program("etcd", "etcd Version: 3.4.23");
  const apiServer = program("kube-apiserver", "Kubernetes v1.33.0");
  assert.equal(await presentTools(["etcd", "kube-apiserver", "kwok"]), { "kube-apiserver": apiServer });
  const etcd = program("etcd", "etcd Version: 3.6.0");
  assert.equal(await presentTools(["etcd"]), { etcd });
});

test("the folder that envtest would use comes first", async () => {
  const etcd = program("etcd", "whatever it says");
  process.env["KUBEBUILDER_ASSETS"] = folder;
  assert.equal(await presentTools(["etcd"]), { etcd });
});

test("without Go it says what is missing and what to do", async () => {
  const error: unknown = await kubernetesTools(silent, ["etcd"]).catch((caught: unknown) => caught);
  assert.instance(error, NoKubernetesError);
  assert.match((error as Error).message, /Building etcd needs go, .* set KUBEBUILDER_ASSETS/);
});

test.run();
