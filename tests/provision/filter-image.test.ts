import { createHash } from "node:crypto";
import { mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { makeFilterImage } from "../../provision/filter-image.ts";
import { run } from "../../provision/run.ts";

interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  readonly annotations?: Readonly<Record<string, string>>;
}

const module = Buffer.concat([Buffer.from("\0asm\x01\0\0\0", "latin1"), Buffer.alloc(5_000, 7)]);
let folder = "";

test.before.each(async () => {
  folder = await mkdtemp(join(tmpdir(), "sidelight-filter-image-"));
  await writeFile(join(folder, "sidelight.wasm"), module);
});

test.after.each(async () => {
  await rm(folder, { recursive: true });
});

const make = (name: string): Promise<string> =>
  makeFilterImage(join(folder, "sidelight.wasm"), join(folder, name), "1.2.3");

const read = async <T>(...path: readonly string[]): Promise<T> =>
  JSON.parse(await readFile(join(folder, ...path), "utf8")) as T;

/** The bytes of a descriptor, which must be those that it says. */
async function blob({ digest, size }: Descriptor): Promise<Buffer> {
  const [algorithm = "", hash = ""] = digest.split(":");
  assert.is(algorithm, "sha256");
  const bytes = await readFile(join(folder, "image", "blobs", algorithm, hash));
  assert.is(bytes.length, size);
  assert.is(createHash("sha256").update(bytes).digest("hex"), hash);
  return bytes;
}

test("is an image layout whose every digest and size is right", async () => {
  const digest = await make("image");
  assert.equal(await read("image", "oci-layout"), { imageLayoutVersion: "1.0.0" });
  const index = await read<{ schemaVersion: number; manifests: Descriptor[] }>("image", "index.json");
  assert.is(index.schemaVersion, 2);
  assert.is(index.manifests.length, 1);
  const [named] = index.manifests as [Descriptor];
  assert.is(named.digest, digest);
  assert.is(named.mediaType, "application/vnd.oci.image.manifest.v1+json");
  assert.is(named.annotations?.["org.opencontainers.image.ref.name"], "1.2.3");
  const manifest = JSON.parse((await blob(named)).toString()) as {
    readonly schemaVersion: number;
    readonly mediaType: string;
    readonly config: Descriptor;
    readonly layers: Descriptor[];
  };
  assert.is(manifest.schemaVersion, 2);
  assert.is(manifest.mediaType, named.mediaType);
  assert.is(manifest.config.mediaType, "application/vnd.oci.image.config.v1+json");
  assert.equal(
    manifest.layers.map(({ mediaType }) => mediaType),
    ["application/vnd.oci.image.layer.v1.tar+gzip"],
  );
  const [layer] = manifest.layers as [Descriptor];
  const tar = gunzipSync(await blob(layer));
  const config = JSON.parse((await blob(manifest.config)).toString()) as Record<string, unknown>;
  const diffId = `sha256:${createHash("sha256").update(tar).digest("hex")}`;
  assert.equal(config["rootfs"], { type: "layers", diff_ids: [diffId] });
  assert.type(config["architecture"], "string");
  assert.type(config["os"], "string");
  assert.is((await readdir(join(folder, "image", "blobs", "sha256"))).length, 3, "nothing that nobody names");
});

test("its layer holds plugin.wasm, byte for byte, and nothing else", async () => {
  await make("image");
  const { manifests } = await read<{ manifests: Descriptor[] }>("image", "index.json");
  const { layers } = JSON.parse((await blob(manifests[0] as Descriptor)).toString()) as { layers: Descriptor[] };
  await writeFile(join(folder, "layer.tar.gz"), await blob(layers[0] as Descriptor));
  assert.is(await run("tar", ["-tzf", "layer.tar.gz"], { cwd: folder }), "plugin.wasm\n");
  await run("tar", ["-xzf", "layer.tar.gz"], { cwd: folder });
  assert.equal(await readFile(join(folder, "plugin.wasm")), module);
});

test("one module makes one image, whenever and wherever, and another module another", async () => {
  const first = await make("image");
  assert.is(await make("again"), first);
  assert.is(await make("again"), first, "what was there before is gone");
  await writeFile(join(folder, "sidelight.wasm"), Buffer.concat([module, Buffer.from([1])]));
  assert.is.not(await make("again"), first);
});

test.run();
