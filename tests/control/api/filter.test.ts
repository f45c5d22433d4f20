import { createHash } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { filterSource, readFilterModule } from "../../../control/api/filter-module.ts";
import type { FilterAnswer } from "../../../control/api/filter-routes.ts";
import { openFilter } from "../../../control/filter-settings.ts";
import { type ControlUnderTest, startControl } from "./fixture-control.ts";

/** Every byte there is, so that one that were read as text would show. */
const bytes = Buffer.concat([
  Buffer.from("\0asm\x01\0\0\0", "latin1"),
  Buffer.from(Array.from({ length: 256 }, (_, i) => i)),
]);
const sha256 = createHash("sha256").update(bytes).digest("hex");
const URL = "http://sidelight.sidelight.svc:9480";

const test = suite("The filter over HTTP");
let folder = "";
let file = "";
let control: ControlUnderTest | undefined;

async function serve(url?: string): Promise<string> {
  control = await startControl({ http: { filter: await openFilter({ file, url }) } });
  return control.http;
}

test.before.each(async () => {
  folder = await mkdtemp(join(tmpdir(), "sidelight-filter-"));
  file = join(folder, "sidelight.wasm");
  await writeFile(file, bytes);
});

test.after.each(async () => {
  await control?.close();
  control = undefined;
  await rm(folder, { recursive: true });
});

test("is served under its hash, byte for byte, to be kept for ever", async () => {
  const http = await serve();
  const answer = await fetch(`${http}/filter/${sha256}.wasm`);
  assert.is(answer.status, 200);
  assert.is(answer.headers.get("content-type"), "application/wasm");
  assert.is(answer.headers.get("content-length"), String(bytes.length));
  assert.is(answer.headers.get("cache-control"), "public, max-age=31536000, immutable");
  assert.is(answer.headers.get("etag"), `"${sha256}"`);
  assert.is(answer.headers.get("content-encoding"), null);
  assert.equal(Buffer.from(await answer.arrayBuffer()), bytes);
});

test("tells its size without being sent, and is not sent to who has it", async () => {
  const http = await serve();
  const head = await fetch(`${http}/filter/${sha256}.wasm`, { method: "HEAD" });
  assert.is(head.status, 200);
  assert.is(head.headers.get("content-length"), String(bytes.length));
  assert.is((await head.arrayBuffer()).byteLength, 0);
  const known = await fetch(`${http}/filter/${sha256}.wasm`, { headers: { "If-None-Match": `"${sha256}"` } });
  assert.is(known.status, 304);
  const other = await fetch(`${http}/filter/${sha256}.wasm`, { headers: { "If-None-Match": '"other"' } });
  assert.is(other.status, 200);
  await other.arrayBuffer();
});

test("under any other name there is none, and the answer says which there is", async () => {
  const http = await serve();
  for (const name of [`${"0".repeat(64)}.wasm`, "sidelight.wasm", `${sha256.toUpperCase()}.wasm`, sha256]) {
    const answer = await fetch(`${http}/filter/${name}`);
    assert.is(answer.status, 404, name);
    assert.match(await answer.text(), `/filter/${sha256}.wasm`);
  }
  assert.is((await fetch(`${http}/filter/${sha256}.wasm`, { method: "POST" })).status, 405);
});

test("what a mesh is told follows from the setting", async () => {
  const answer = async (url?: string): Promise<FilterAnswer> => {
    const http = await serve(url);
    const told = (await (await fetch(`${http}/api/v1/filter`)).json()) as FilterAnswer;
    await control?.close();
    control = undefined;
    return told;
  };
  const path = `/filter/${sha256}.wasm`;
  assert.equal(await answer(), { sha256, bytes: bytes.length, path, source: null });
  assert.equal((await answer(URL)).source, { url: `${URL}${path}`, sha256 });
  const artifact = `oci://registry.example/filter@sha256:${"0".repeat(64)}`;
  assert.equal((await answer(artifact)).source, { url: artifact, sha256: null });
});

test("where it is not built, that is said, and nobody is sent for it", async () => {
  await rm(file);
  const http = await serve();
  for (const path of [`/filter/${sha256}.wasm`, "/api/v1/filter"]) {
    const answer = await fetch(`${http}${path}`);
    assert.is(answer.status, 404);
    assert.match(await answer.text(), "npm run build -- filter");
  }
  let error = new Error("none");
  await openFilter({ file, url: URL }).catch((thrown: Error) => (error = thrown));
  assert.match(error.message, /SIDELIGHT_FILTER_URL .* there is none at .*sidelight.wasm/);
});

test("what is no module is refused with its path", async () => {
  await writeFile(file, "version https://git-lfs.github.com/spec/v1");
  let error = new Error("none");
  await readFilterModule(file).catch((thrown: Error) => (error = thrown));
  assert.match(error.message, /sidelight\.wasm: it is no WebAssembly module; set SIDELIGHT_FILTER_FILE/);
});

test("another module has another path", async () => {
  const one = await readFilterModule(file);
  await writeFile(file, Buffer.concat([bytes, Buffer.from([0])]));
  const other = await readFilterModule(file);
  assert.ok(one && other);
  assert.is.not(one?.path, other?.path);
  assert.is(one && filterSource(one, URL).url, `${URL}/filter/${sha256}.wasm`);
});

test.run();
