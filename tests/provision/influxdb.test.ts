import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { NoInfluxDbError, influxDbBinary, parseInfluxDbVersion, presentInfluxDb } from "../../provision/influxdb.ts";
import { silent } from "../../provision/progress.ts";
import { findInfluxDb, startInfluxDb } from "../influxdb.ts";

const names = ["INFLUXD_BIN", "PATH", "SIDELIGHT_CACHE"] as const;
type Saved = Partial<Record<(typeof names)[number], string | undefined>>;

const test = suite<{ folder: string; saved: Saved }>("influxdb");

test.before.each(async (context) => {
  context.folder = await mkdtemp(join(tmpdir(), "sidelight-influxdb-test-"));
  context.saved = Object.fromEntries(names.map((name) => [name, process.env[name]]));
});

test.after.each(async ({ folder, saved }) => {
  for (const name of names) {
    if (saved[name] === undefined) delete process.env[name];
    else process.env[name] = saved[name];
  }
  await rm(folder, { recursive: true, force: true });
});

async function fakeInfluxd(folder: string, script: string): Promise<string> {
  const file = join(folder, "influxd");
  await writeFile(file, `#!/bin/sh\n${script}\n`);
  await chmod(file, 0o755);
  return file;
}

test("reads what influxd version prints, of InfluxDB 2 only", () => {
  assert.is(parseInfluxDbVersion("InfluxDB v2.7.12 (git: none) build_date: 2026-01-01T00:00:00Z\n"), "2.7.12");
  assert.is(parseInfluxDbVersion("InfluxDB 2.8.0 (git: abc) build_date: x\n"), "2.8.0");
  assert.is(parseInfluxDbVersion("InfluxDB v1.8.10 (git: 1.8 abc)\n"), undefined);
});

test("INFLUXD_BIN comes first, and one that does not run is an error that names it", async ({ folder }) => {
  const path = await fakeInfluxd(folder, 'echo "InfluxDB v2.7.1 (git: none)"');
  process.env["INFLUXD_BIN"] = path;
  assert.equal(await influxDbBinary(silent), { path, version: "2.7.1" });
  await fakeInfluxd(folder, "exit 3");
  const error: unknown = await influxDbBinary(silent).catch((caught: unknown) => caught);
  assert.match((error as Error).message, /INFLUXD_BIN names .*influxd, which does not run/);
});

test("an InfluxDB 2 on PATH is taken, an InfluxDB 1 is passed over", async ({ folder }) => {
  delete process.env["INFLUXD_BIN"];
  process.env["SIDELIGHT_CACHE"] = join(folder, "cache");
  const path = await fakeInfluxd(folder, 'echo "InfluxDB v2.7.9 (git: none)"');
  process.env["PATH"] = folder;
  assert.equal(await presentInfluxDb(), { path, version: "2.7.9" });
  await fakeInfluxd(folder, 'echo "InfluxDB v1.8.10 (git: 1.8)"');
  assert.is(await presentInfluxDb(), undefined);
});

test("where it cannot be built, what is missing is named", async ({ folder, saved }) => {
  delete process.env["INFLUXD_BIN"];
  process.env["SIDELIGHT_CACHE"] = join(folder, "cache");
  // Only what the cache's lock needs.
  for (const tool of ["flock", "sh", "cat"]) {
    await writeFile(join(folder, tool), `#!/bin/sh\nPATH="${saved["PATH"] ?? ""}" exec ${tool} "$@"\n`);
    await chmod(join(folder, tool), 0o755);
  }
  process.env["PATH"] = folder;
  const error: unknown = await influxDbBinary(silent).catch((caught: unknown) => caught);
  assert.instance(error, NoInfluxDbError);
  assert.match((error as Error).message, /needs go, cargo, gcc, pkg-config, not on PATH here: install Go/);
});

test("a server starts, takes a point, and has it after it was killed", async () => {
  const binary = await findInfluxDb();
  if (!binary) return;
  const server = await startInfluxDb(binary);
  try {
    const headers = { authorization: `Token ${server.token}` };
    const write = `${server.url}/api/v2/write?org=${server.org}&bucket=first`;
    assert.is((await fetch(write, { method: "POST", headers, body: "m f=7i 1000000000" })).status, 204);
    await server.stop("SIGKILL");
    await server.start();
    const query = `${server.url}/query?db=first&q=${encodeURIComponent("SELECT f FROM m")}`;
    assert.match(await (await fetch(query, { headers })).text(), '"1970-01-01T00:00:01Z",7');
  } finally {
    await server.remove();
  }
});

test.run();
