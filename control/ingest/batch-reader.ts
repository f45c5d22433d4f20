import { BinaryReader } from "@bufbuild/protobuf/wire";

const SLOTS = 8_192;
/** Longer texts, as of hostile reporters, are read anew each time: what is kept of them is bounded by both. */
const MAX_LENGTH = 128;

/** The text that was read last of those that fall into a slot. */
const texts: string[] = Array<string>(SLOTS).fill("");

/**
 * Reads batches, whose texts are the same from window to window and from pod to pod: those that were read lately are not made
 * again. They take no memory for each batch that waits, and maps know them by what was once computed of them.
 */
export class BatchReader extends BinaryReader {
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    super(bytes);
    this.#bytes = bytes;
  }

  override string(strict?: boolean): string {
    const begin = this.pos;
    const length = this.uint32();
    const from = this.pos;
    if (length <= MAX_LENGTH && from + length <= this.len) {
      const slot = this.#slotOf(from, length);
      const known = texts[slot]!;
      if (this.#isAt(from, length, known)) {
        this.pos = from + length;
        return known;
      }
      this.pos = begin;
      return (texts[slot] = super.string(strict));
    }
    this.pos = begin;
    return super.string(strict);
  }

  /** FNV-1a (RFC 9923), as many of its bits as there are slots. */
  #slotOf(from: number, length: number): number {
    let hash = 0x811c_9dc5;
    for (let at = from; at < from + length; at++) hash = Math.imul(hash ^ this.#bytes[at]!, 0x0100_0193);
    return (hash ^ (hash >>> 16)) & (SLOTS - 1);
  }

  /** Of a text that is not ASCII the bytes are more than its characters, or differ from them: it is never found. */
  #isAt(from: number, length: number, text: string): boolean {
    if (text.length !== length) return false;
    for (let at = 0; at < length; at++) if (text.charCodeAt(at) !== this.#bytes[from + at]) return false;
    return true;
  }
}
