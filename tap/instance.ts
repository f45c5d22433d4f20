/** One instance of the tap's module (wasm-filter/tap) in its sandbox. What packets hold can make it fail, and no more. */
import { Batch, LossKind, Settings } from "#proto/ingest.ts";

/** Captured bytes that the module takes at once; CHUNK_BYTES in wasm-filter/packet/limits.ts. */
export const CHUNK_BYTES = 4 * 1024 * 1024;

/** All kinds of loss that the module counts. */
const LOSS_KINDS = Object.values(LossKind)
  .map(Number)
  .filter((kind) => kind > 0);

interface Exports {
  readonly memory: WebAssembly.Memory;
  readonly READER: WebAssembly.Global<"i32">;
  readonly READER_BYTES: WebAssembly.Global<"i32">;
  _initialize(): void;
  chunkAt(): number;
  feed(size: number): number;
  finish(): void;
  captureFormat(): number;
  unreadBytes(): number;
  restAt(): number;
  restBytes(): number;
  requestsUntold(): number;
  openWindow(): bigint;
  nextSequence(): number;
  resume(at: number, size: number, window: bigint, sequence: number): number;
  lossesOf(kind: number): number;
  inheritLosses(kind: number, times: number): void;
  startCapture(): void;
  strangeLinks(): number;
  strangeLinksAt(): number;
  advance(micros: bigint): void;
  stop(): void;
  hold(isFull: boolean): void;
  setInterval(millis: number): void;
  setNode(bytes: number): void;
  teach(size: number, maxEndpoints: number): void;
}

export class Instance {
  /** Where the next bytes may be put, so that `feed` need not copy them. */
  readonly chunk: Uint8Array;
  readonly #exports: Exports;

  /** `batches` takes what the module delivers. */
  constructor(module: WebAssembly.Module, batches: Batch[]) {
    const deliver = (at: number, size: number) => {
      batches.push(Batch.decode(new Uint8Array(this.#exports.memory.buffer, at, size).slice()));
    };
    const instance = new WebAssembly.Instance(module, { host: { deliver } });
    this.#exports = instance.exports as unknown as Exports;
    this.#exports._initialize();
    this.chunk = new Uint8Array(this.#exports.memory.buffer, this.#exports.chunkAt(), CHUNK_BYTES);
  }

  /** Whether a capture was recognised yet. */
  get isReading(): boolean {
    return this.#exports.captureFormat() !== 0;
  }

  /** Whether all records that were fed are there to their end. */
  get isWhole(): boolean {
    return this.#exports.unreadBytes() === 0;
  }

  /** Packets of link layers that are not known, by the number of their type. */
  get strangeLinks(): ReadonlyMap<number, number> {
    const own = this.#exports;
    const numbers = new Uint32Array(own.memory.buffer, own.strangeLinksAt(), own.strangeLinks() * 2);
    return new Map(Array.from({ length: numbers.length / 2 }, (_, i) => [numbers[i * 2]!, numbers[i * 2 + 1]!]));
  }

  /** Reads the first `size` bytes of `chunk`; false where they are no capture. */
  feed(size: number): boolean {
    return this.#exports.feed(size) !== 0;
  }

  /** The capture is over. */
  finish(): boolean {
    this.#exports.finish();
    return true;
  }

  /** What is fed next begins a capture; the connections are those of the one before. */
  startCapture(): boolean {
    this.#exports.startCapture();
    return true;
  }

  /** A live capture has come to this time (milliseconds since 1970), with packets or without. */
  advance(nowMs: number): boolean {
    this.#exports.advance(BigInt(Math.round(nowMs * 1000)));
    return true;
  }

  /** A live capture is over: what is counted is delivered, what is open or under way is not. */
  stop(): boolean {
    this.#exports.stop();
    return true;
  }

  /** While nobody can take a batch, the open window goes on. */
  hold(isFull: boolean): void {
    this.#exports.hold(isFull);
  }

  /** How long windows are from the next one on, and how paths become routes. */
  teach(settings: Settings, intervalMs: number): void {
    const bytes = Settings.encode(settings).finish();
    this.chunk.set(bytes.subarray(0, CHUNK_BYTES));
    this.#exports.teach(bytes.length <= CHUNK_BYTES ? bytes.length : 0, settings.maxEndpoints);
    this.#exports.setInterval(intervalMs);
  }

  /** Whose probes are not to be counted: the node's addresses, 16 bytes each. */
  setNode(addresses: Uint8Array): void {
    this.chunk.set(addresses);
    this.#exports.setNode(addresses.length);
  }

  /**
   * Goes on behind the packet at which another instance failed. What that one had counted and not delivered is a loss:
   * it is in tables that can no longer be trusted.
   */
  resume(predecessor: Instance): boolean {
    const own = this.#exports;
    const failed = predecessor.#exports;
    const from = (at: number, size: number) => new Uint8Array(failed.memory.buffer, at, size);
    const reader = failed.READER.value;
    const [at, size] = [failed.restAt(), failed.restBytes()];
    const memory = new Uint8Array(own.memory.buffer);
    memory.set(from(reader, failed.READER_BYTES.value), reader);
    memory.set(from(at, size), at);
    for (const kind of LOSS_KINDS) own.inheritLosses(kind, failed.lossesOf(kind));
    own.inheritLosses(LossKind.LOSS_KIND_PARSER_FAILED, 1);
    own.inheritLosses(LossKind.LOSS_KIND_REQUESTS_LOST, failed.requestsUntold());
    return own.resume(at, size, failed.openWindow(), failed.nextSequence()) !== 0;
  }
}
