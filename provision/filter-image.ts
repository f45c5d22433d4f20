/**
 * Makes an OCI image of the filter for those who give modules to their sidecars out of a registry: an image layout
 * (https://github.com/opencontainers/image-spec/blob/main/image-layout.md), which skopeo, crane and oras push as it is.
 *
 * Its one layer is a tar.gz with `plugin.wasm`, the "compat" form of the Wasm image specification. Of the two forms this is the
 * one that Istio and Envoy Gateway both read, and that every registry takes (docs/decisions/0098).
 */
import { createHash } from "node:crypto";
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import { run } from "./run.ts";

const MANIFEST = "application/vnd.oci.image.manifest.v1+json";
const CONFIG = "application/vnd.oci.image.config.v1+json";
const LAYER = "application/vnd.oci.image.layer.v1.tar+gzip";

interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

/**
 * Writes the image layout.
 * @param module the file of the built filter
 * @param folder what it is written to; what was there is gone
 * @param version becomes the name of the image in the layout
 * @returns the digest under which a registry has it
 */
export async function makeFilterImage(module: string, folder: string, version: string): Promise<string> {
  const blobs = join(folder, "blobs", "sha256");
  await rm(folder, { recursive: true, force: true });
  await mkdir(blobs, { recursive: true });
  const put = async (mediaType: string, bytes: Buffer): Promise<Descriptor> => {
    const hash = sha256(bytes);
    await writeFile(join(blobs, hash), bytes);
    return { mediaType, digest: `sha256:${hash}`, size: bytes.length };
  };
  const tar = await tarOf(module);
  const layer = await put(LAYER, gzipSync(tar, { level: 9 }));
  const config = await put(
    CONFIG,
    json({
      ...{ architecture: "wasm", os: "wasi" },
      rootfs: { type: "layers", diff_ids: [`sha256:${sha256(tar)}`] },
    }),
  );
  const annotations = {
    "org.opencontainers.image.title": "Sidelight filter",
    "org.opencontainers.image.version": version,
    "org.opencontainers.image.licenses": "Apache-2.0",
  };
  const manifest = await put(
    MANIFEST,
    json({ schemaVersion: 2, mediaType: MANIFEST, config, layers: [layer], annotations }),
  );
  const named = { ...manifest, annotations: { "org.opencontainers.image.ref.name": version } };
  await writeFile(join(folder, "index.json"), json({ schemaVersion: 2, manifests: [named] }));
  await writeFile(join(folder, "oci-layout"), json({ imageLayoutVersion: "1.0.0" }));
  return manifest.digest;
}

/** With nothing in it that is not of the module, so that one module makes one image. */
async function tarOf(module: string): Promise<Buffer> {
  const work = await mkdtemp(join(tmpdir(), "sidelight-image-"));
  try {
    await copyFile(module, join(work, "plugin.wasm"));
    const plain = ["--format=ustar", "--mtime=@0", "--owner=0", "--group=0", "--numeric-owner", "--mode=0644"];
    await run("tar", ["-cf", "layer.tar", ...plain, "plugin.wasm"], { cwd: work });
    return await readFile(join(work, "layer.tar"));
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

function sha256(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}

function json(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const root = dirname(dirname(fileURLToPath(import.meta.url)));
  const { version } = JSON.parse(await readFile(join(root, "package.json"), "utf8")) as { version: string };
  const built = resolve(root, "build/filter/sidelight.wasm");
  await makeFilterImage(built, resolve(root, "build/filter-image"), version);
}
