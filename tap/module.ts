/** The tap's module: captures go in, batches come out, and where it fails at a packet another instance goes on behind it. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";

import type { Batch, Settings } from "#proto/ingest.ts";
import { projectRoot } from "../provision/project-root.ts";
import { CHUNK_BYTES, Instance } from "./instance.ts";
import { packedAddresses } from "./own-addresses.ts";

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

/** Reads one capture, or one after the other of the same interfaces. */
export class TapModule {
  readonly #module: WebAssembly.Module;
  readonly #onBatch: (batch: Batch) => void;
  readonly #batches: Batch[] = [];
  #instance: Instance;
  #bytes = 0;
  #failures = 0;
  /** What a new instance has to be told. */
  #isHeld = false;
  #node: Uint8Array = new Uint8Array();
  #taught: { readonly settings: Settings; readonly intervalMs: number } | undefined;

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

  /** Packets of link layers that are not known, by the number of their type; of the first eight types of the capture. */
  get strangeLinks(): ReadonlyMap<number, number> {
    return this.#instance.strangeLinks;
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

  /** Reads bytes that lie elsewhere. */
  take(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; at += CHUNK_BYTES) {
      const part = bytes.subarray(at, at + CHUNK_BYTES);
      this.chunk.set(part);
      this.feed(part.length);
    }
  }

  /** What is fed next begins a capture; the connections are those of the one before. */
  startCapture(): void {
    this.#do((instance) => instance.startCapture());
  }

  /** A live capture has come to this time (milliseconds since 1970), with packets or without. */
  advance(nowMs: number): void {
    this.#do((instance) => instance.advance(nowMs));
  }

  /** A live capture is over: what is counted is delivered. What is open or under way is not counted as closed or failed. */
  stop(): void {
    this.#do((instance) => instance.stop());
  }

  /** While nobody can take a batch, the open window goes on. */
  hold(isFull: boolean): void {
    this.#isHeld = isFull;
    this.#instance.hold(isFull);
  }

  /** Takes how control says to report: how long windows are from the next one on, and how paths become routes. */
  teach(settings: Settings, intervalMs: number): void {
    this.#taught = { settings, intervalMs };
    this.#instance.teach(settings, intervalMs);
  }

  /** Takes the addresses of the node that is listened to, whose probes of its pods are not counted. */
  knowNode(addresses: readonly string[]): void {
    this.#node = packedAddresses(addresses);
    this.#instance.setNode(this.#node);
  }

  /** The capture is over. False where it breaks off within a record. */
  finish(): boolean {
    if (!this.#instance.isReading) {
      throw new NotACaptureError(this.#bytes === 0 ? "It is empty" : "It ends within its header");
    }
    const { isWhole } = this.#instance;
    this.#do((instance) => instance.finish());
    return isWhole;
  }

  #do(work: (instance: Instance) => boolean): void {
    this.#run(work, work);
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
        this.#instance.hold(this.#isHeld);
        this.#instance.setNode(this.#node);
        if (this.#taught) this.#instance.teach(this.#taught.settings, this.#taught.intervalMs);
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
