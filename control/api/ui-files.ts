import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { extname, join, relative, sep } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";

/** One file of the built UI. */
export interface UiFile {
  readonly type: string;
  readonly etag: string;
  readonly bytes: Buffer;
  /** Whether the name carries a hash of the content, so that it can be cached for ever. */
  readonly immutable: boolean;
  /** The bytes in that coding, or undefined where coding them saves nothing. Made once, off the event loop. */
  encoded(coding: "br" | "gzip"): Promise<Buffer | undefined>;
}

const types: Readonly<Record<string, string>> = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".ico": "image/x-icon",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json; charset=utf-8",
  ".map": "application/json; charset=utf-8",
  ".png": "image/png",
  ".svg": "image/svg+xml; charset=utf-8",
  ".txt": "text/plain; charset=utf-8",
  ".webmanifest": "application/manifest+json; charset=utf-8",
  ".woff2": "font/woff2",
};
const compressible = /^(text\/|application\/|image\/svg)/;
const minCompressedBytes = 1024;
/** A build of a few MB is the rule; a folder that was named by mistake must not be read into memory. */
const maxBytes = 64 * 1024 * 1024;

const toBrotli = promisify(brotliCompress);
const toGzip = promisify(gzip);

/**
 * Reads the built UI into memory, by URL path ("/assets/index-B3xY.js"). What is not in this table cannot be served,
 * whatever a URL says.
 * @returns undefined where there is no build: no folder, or no index.html in it.
 */
export async function readUiFiles(folder: string): Promise<ReadonlyMap<string, UiFile> | undefined> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch((error: unknown) => {
    if (isMissing(error)) return [];
    throw new Error(`Reading the built UI in ${folder}`, { cause: error });
  });
  const files = new Map<string, UiFile>();
  let total = 0;
  for (const entry of entries) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const bytes = await readFile(path);
    total += bytes.length;
    if (total > maxBytes) throw new Error(`Reading the built UI in ${folder}: it holds more than ${maxBytes} bytes`);
    const url = `/${relative(folder, path).split(sep).join("/")}`;
    files.set(url, uiFile(url, bytes));
  }
  return files.has("/index.html") ? files : undefined;
}

function uiFile(url: string, bytes: Buffer): UiFile {
  const type = types[extname(url)] ?? "application/octet-stream";
  const worthIt = bytes.length >= minCompressedBytes && compressible.test(type);
  const made = new Map<string, Promise<Buffer | undefined>>();
  return {
    type,
    bytes,
    etag: `"${createHash("sha256").update(bytes).digest("base64url").slice(0, 22)}"`,
    // Vite writes hashed names into assets/ and leaves what comes from public/ where it was.
    immutable: url.startsWith("/assets/"),
    encoded(coding) {
      if (!worthIt) return Promise.resolve(undefined);
      let result = made.get(coding);
      if (!result) made.set(coding, (result = encode(bytes, coding)));
      return result;
    },
  };
}

async function encode(bytes: Buffer, coding: "br" | "gzip"): Promise<Buffer | undefined> {
  // Quality 6 is within a few percent of the best for scripts and takes a tenth of the time.
  const params = { [constants.BROTLI_PARAM_QUALITY]: 6, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length };
  const encoded = await (coding === "br" ? toBrotli(bytes, { params }) : toGzip(bytes));
  return encoded.length < bytes.length ? encoded : undefined;
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR");
}
