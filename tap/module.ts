/**
 * The tap's module (wasm-filter/tap) in its sandbox: captures go in, batches come out. Nothing that packets hold can do
 * more than make it fail.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { Batch } from "#proto/ingest.ts";
import { projectRoot } from "../provision/build.ts";

/** Captured bytes that the module takes at once; CHUNK_BYTES in wasm-filter/packet/limits.ts. */
export const CHUNK_BYTES = 4 * 1024 * 1024;

/** What is fed is no capture in a format that is known. */
export class NotACaptureError extends Error {
  override name = "NotACaptureError";
}

interface Exports {
  readonly memory: WebAssembly.Memory;
  _initialize(): void;
  chunkAt(): number;
  feed(size: number): number;
  finish(): void;
  captureFormat(): number;
  unreadBytes(): number;
}

/** Compiles the module; provision/build.ts has built it. */
export async function compileTap(): Promise<WebAssembly.Module> {
  return WebAssembly.compile(await readFile(join(projectRoot, "build/tap/sidelight-tap.wasm")));
}

/** One instance of the module, which reads one capture. */
export class TapModule {
  readonly #exports: Exports;
  readonly #chunk: Uint8Array;
  #bytes = 0;

  /** `onBatch` is given each batch as the module cuts it. */
  constructor(module: WebAssembly.Module, onBatch: (batch: Batch) => void) {
    const deliver = (at: number, size: number) => {
      onBatch(Batch.decode(new Uint8Array(this.#exports.memory.buffer, at, size)));
    };
    const instance = new WebAssembly.Instance(module, { host: { deliver } });
    this.#exports = instance.exports as unknown as Exports;
    this.#exports._initialize();
    this.#chunk = new Uint8Array(this.#exports.memory.buffer, this.#exports.chunkAt(), CHUNK_BYTES);
  }

  /** Where the next bytes may be put, so that `feed` need not copy them. */
  get chunk(): Uint8Array {
    return this.#chunk;
  }

  /** Reads the first `size` bytes of `chunk`. */
  feed(size: number): void {
    this.#bytes += size;
    if (!this.#exports.feed(size)) throw new NotACaptureError("It is neither pcap nor pcapng");
  }

  /** The capture is over. False where it breaks off within a record. */
  finish(): boolean {
    if (this.#exports.captureFormat() === 0) {
      throw new NotACaptureError(this.#bytes === 0 ? "It is empty" : "It ends within its header");
    }
    const isWhole = this.#exports.unreadBytes() === 0;
    this.#exports.finish();
    return isWhole;
  }
}
