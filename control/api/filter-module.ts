/** The filter's module, which control serves to the sidecars that are to run it. */
import { createHash } from "node:crypto";
import { readFile, stat } from "node:fs/promises";

export interface FilterModule {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Of the bytes, 64 hexadecimal digits. */
  readonly sha256: string;
  /** Where control serves it. Another module has another path, so what lies there never changes. */
  readonly path: string;
}

/** The filter as control has it. */
export interface ServedFilter {
  /** Undefined where it is not built. */
  readonly module: FilterModule | undefined;
  /** Where sidecars reach control over HTTP, or an artifact in a registry; undefined where nobody said. */
  readonly url: string | undefined;
  /** Told of each address to which the module was sent. */
  readonly onFetch?: (address: string) => void;
}

/** What a mesh is told of the filter. */
export interface FilterSource {
  /** "http://sidelight.sidelight.svc:9480/filter/….wasm", "oci://…@sha256:…" */
  readonly url: string;
  /** Of the module; undefined where the address is that of an artifact, whose digest it holds. */
  readonly sha256: string | undefined;
}

/** The module has some 60 KB. What is so much larger was named by mistake. */
const MAX_BYTES = 16 * 1024 * 1024;
/** What each WebAssembly module begins with. */
const MAGIC = "\0asm";

/**
 * Reads the built filter.
 * @returns undefined where there is no such file, since it is not built
 * @throws Error where the file is no module, with its path
 */
export async function readFilterModule(file: string): Promise<FilterModule | undefined> {
  try {
    const { size } = await stat(file);
    if (size > MAX_BYTES) throw new Error(`it has ${size} bytes, and a filter has at most ${MAX_BYTES}`);
    const bytes = new Uint8Array(await readFile(file));
    if (Buffer.from(bytes.subarray(0, MAGIC.length)).toString("latin1") !== MAGIC) {
      throw new Error("it is no WebAssembly module");
    }
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    return { bytes, sha256, path: `/filter/${sha256}.wasm` };
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    const what = `Reading the filter at ${file}: ${(cause as Error).message}`;
    throw new Error(`${what}; set SIDELIGHT_FILTER_FILE to sidelight.wasm as \`npm run build\` makes it`, { cause });
  }
}

/**
 * What a mesh is told.
 * @param url that of `ServedFilter`
 */
export function filterSource(module: FilterModule, url: string): FilterSource {
  if (url.startsWith("oci://")) return { url, sha256: undefined };
  return { url: url + module.path, sha256: module.sha256 };
}
