import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { envoyBinary, isSupportedEnvoy, parseEnvoyVersion } from "../../provision/envoy.ts";
import { silent } from "../../provision/progress.ts";

const test = suite<{ folder: string; path: string | undefined; envoy: string | undefined }>("envoy");

test.before.each(async (context) => {
  context.folder = await mkdtemp(join(tmpdir(), "sidelight-envoy-test-"));
  context.path = process.env["PATH"];
  context.envoy = process.env["ENVOY_BIN"];
  delete process.env["ENVOY_BIN"];
});

test.after.each(async ({ folder, path, envoy }) => {
  process.env["PATH"] = path;
  if (envoy === undefined) delete process.env["ENVOY_BIN"];
  else process.env["ENVOY_BIN"] = envoy;
  await rm(folder, { recursive: true, force: true });
});

async function fakeEnvoy(folder: string, script: string): Promise<string> {
  const file = join(folder, "envoy");
  await writeFile(file, `#!/bin/sh\n${script}\n`);
  await chmod(file, 0o755);
  return file;
}

test("reads what envoy --version prints", () => {
  const printed = "\n/x/envoy  version: d79f6e8d453ee260e9094093b8dd31af0056e67b/1.40.0/Clean/RELEASE/BoringSSL\n";
  assert.is(parseEnvoyVersion(printed), "1.40.0");
  assert.is(parseEnvoyVersion("envoy: command not found"), undefined);
});

test("supports 1.36 to 1.40, but for the one without V8", () => {
  for (const version of ["1.36.4", "1.37.0", "1.38.2", "1.39.3", "1.40.0"])
    assert.ok(isSupportedEnvoy(version), version);
  for (const version of ["1.35.9", "1.38.3", "1.41.0", "2.38.0", ""]) assert.not.ok(isSupportedEnvoy(version), version);
});

test("ENVOY_BIN comes first", async ({ folder }) => {
  const path = await fakeEnvoy(folder, 'echo "envoy  version: abc/1.37.0/Clean/RELEASE/BoringSSL"');
  process.env["ENVOY_BIN"] = path;
  assert.equal(await envoyBinary(silent), { path, version: "1.37.0" });
});

test("an ENVOY_BIN that does not run is an error that names it", async ({ folder }) => {
  process.env["ENVOY_BIN"] = await fakeEnvoy(folder, "exit 3");
  await envoyBinary(silent).then(
    () => assert.unreachable(),
    (error: Error) => {
      assert.match(error.message, /ENVOY_BIN names .*envoy, which does not run/);
    },
  );
});

test("an envoy of a supported version on PATH is taken", async ({ folder }) => {
  const path = await fakeEnvoy(folder, 'echo "envoy  version: abc/1.39.1/Clean/RELEASE/BoringSSL"');
  process.env["PATH"] = `${folder}:${process.env["PATH"]}`;
  assert.equal(await envoyBinary(silent), { path, version: "1.39.1" });
});

test.run();
