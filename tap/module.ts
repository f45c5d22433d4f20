/** The tap's module: captures go in, batches come out, and where it fails at a packet another instance goes on behind it. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";

import type { Batch } from "#proto/ingest.ts";
import { projectRoot } from "../provision/build.ts";
import { Instance } from "./instance.ts";

export { CHUNK_BYTES } from "./instance.ts";

/** So often in a row the module may fail, with no chunk in between that it got through. */
const MOST_FAILURES = 16;

/** What is fed is no capture in a format that is known. */
export class NotACaptureError extends Error {
  override name = "NotACaptureError";
}

/** The module fails again and again. */
export class ParserFailedError extends Error {
  override name = "ParserFailedError";
}

/** Compiles the module; provision/build.ts has built it. */
export async function compileTap(): Promise<WebAssembly.Module> {
  return WebAssembly.compile(await readFile(join(projectRoot, "build/tap/sidelight-tap.wasm")));
}

/** Reads one capture. */
export class TapModule {
  readonly #module: WebAssembly.Module;
  readonly #onBatch: (batch: Batch) => void;
  readonly #batches: Batch[] = [];
  #instance: Instance;
  #bytes = 0;
  #failures = 0;

  /** `onBatch` is given each batch that the module cut, when the call that cut it has read its chunk. */
  constructor(module: WebAssembly.Module, onBatch: (batch: Batch) => void) {
    this.#module = module;
    this.#onBatch = onBatch;
    this.#instance = new Instance(module, this.#batches);
  }

  /** Where the next bytes may be put, so that `feed` need not copy them. Another place after each call. */
  get chunk(): Uint8Array {
    return this.#instance.chunk;
  }

  /** Reads the first `size` bytes of `chunk`. */
  feed(size: number): void {
    this.#bytes += size;
    const isCapture = this.#run(
      (instance) => instance.feed(size),
      () => true,
    );
    if (!isCapture) throw new NotACaptureError("It is neither pcap nor pcapng");
  }

  /** The capture is over. False where it breaks off within a record. */
  finish(): boolean {
    if (!this.#instance.isReading) {
      throw new NotACaptureError(this.#bytes === 0 ? "It is empty" : "It ends within its header");
    }
    const { isWhole } = this.#instance;
    const finish = (instance: Instance) => instance.finish();
    this.#run(finish, finish);
    return isWhole;
  }

  /** Lets the module work, and hands on what it delivers. Where it fails, a new instance goes on, and does `afterwards`. */
  #run(work: (instance: Instance) => boolean, afterwards: (instance: Instance) => boolean): boolean {
    try {
      let attempt = tryWith(this.#instance, work);
      if (!attempt.cause) this.#failures = 0;
      while (attempt.cause) {
        if (++this.#failures > MOST_FAILURES) throw new ParserFailedError(GIVEN_UP, { cause: attempt.cause });
        const failed = this.#instance;
        this.#instance = new Instance(this.#module, this.#batches);
        attempt = tryWith(this.#instance, (instance) => instance.resume(failed) && afterwards(instance));
      }
      return attempt.result;
    } finally {
      for (const batch of this.#batches.splice(0)) this.#onBatch(batch);
    }
  }
}

const GIVEN_UP = `The parsers failed more than ${MOST_FAILURES} times in a row, and were started anew each time`;

interface Attempt {
  readonly result: boolean;
  /** Why the module failed. */
  readonly cause?: unknown;
}

function tryWith(instance: Instance, work: (instance: Instance) => boolean): Attempt {
  try {
    return { result: work(instance) };
  } catch (cause) {
    return { result: false, cause };
  }
}
