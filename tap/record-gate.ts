/**
 * What passes from one capture into the next, so that each packet is read once. Both see a packet at nearly the same time, not at the
 * same: each takes the time for itself. So about the cut packets are told by what they are, and not by when they were. Within
 * a capture times may go back a little, and an answer must not come before what it answers: what ends, ends for good.
 *
 *     the capture that ends     passes up to ............... the first packet after cut + SLACK
 *     the one that follows      passes nothing up to cut - 2 SLACK, then what the other did not pass, all from the first after cut + 2 SLACK
 *
 * It is given pcap as tcpdump writes it, in pieces that end anywhere.
 */

/** The two may be so far apart: they are within one interrupt, but a machine that is itself virtual may be stopped in between. */
const SLACK_MICROS = 20_000;

const HEADER_BYTES = 24;
const RECORD_HEADER_BYTES = 16;
const CAPTURED_AT = 8;
const NANOSECONDS = 0xa1b23c4d;

/** Packets that the capture which ends has passed about the cut, and how often each: answers may be alike byte for byte. */
export class PassedPackets {
  readonly #counts = new Map<string, number>();

  add(packet: string): void {
    this.#counts.set(packet, (this.#counts.get(packet) ?? 0) + 1);
  }

  /** Whether it was passed; once for each time. */
  take(packet: string): boolean {
    const count = this.#counts.get(packet) ?? 0;
    if (count > 1) this.#counts.set(packet, count - 1);
    else this.#counts.delete(packet);
    return count > 0;
  }
}

/** Whether a packet is passed, by its time and its bytes. */
type Rule = (micros: number, packet: Buffer) => boolean;

export class RecordGate {
  /** Bytes of the record that is passing that are still to come. */
  #toCome = 0;
  /** The beginning of a header, or under a rule of a record, whose rest is in the next piece. */
  #begun: Buffer = Buffer.alloc(0);
  #isLittle = true;
  #isNanos = false;
  #isHeaderRead = false;
  #rule: Rule | undefined;
  #hasEnded = false;

  /** Whether a packet came from behind the cut at which it ends: nothing passes any more. */
  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** Passes what came up to a cut, in microseconds since 1970, and notes in `passed` what of that is about the cut. */
  endAt(cutMicros: number, passed: PassedPackets): void {
    this.#rule = (micros, packet) => {
      this.#hasEnded ||= micros > cutMicros + SLACK_MICROS;
      if (this.#hasEnded) return false;
      if (micros > cutMicros - 3 * SLACK_MICROS) passed.add(packet.toString("latin1"));
      return true;
    };
  }

  /** Passes what came from a cut on and was not passed by the capture before. All of that has to have come by then. */
  beginAt(cutMicros: number, passed: PassedPackets): void {
    this.#rule = (micros, packet) => {
      if (micros <= cutMicros - 2 * SLACK_MICROS) return false;
      if (micros > cutMicros + 2 * SLACK_MICROS) {
        this.#rule = undefined;
        return true;
      }
      return !passed.take(packet.toString("latin1"));
    };
  }

  /** @returns what is passed of the next piece */
  pass(piece: Buffer): Buffer[] {
    const bytes = this.#begun.length > 0 ? Buffer.concat([this.#begun, piece]) : piece;
    const passing: Buffer[] = [];
    let at = this.#isHeaderRead ? 0 : this.#readHeader(bytes);
    /** Where what passes begins that was not yet put into `passing`. */
    let from = 0;
    for (;;) {
      const size = Math.min(this.#toCome, bytes.length - at);
      at += size;
      this.#toCome -= size;
      if (!this.#isHeaderRead || bytes.length - at < RECORD_HEADER_BYTES) break;
      const end = at + RECORD_HEADER_BYTES + this.#word(bytes, at + CAPTURED_AT);
      const isWhole = end <= bytes.length;
      if (!this.#rule) {
        at += RECORD_HEADER_BYTES;
        this.#toCome = end - at;
        continue;
      }
      // Whether it passes is known when all of it is there.
      if (!isWhole) break;
      if (!this.#rule(this.#micros(bytes, at), bytes.subarray(at + RECORD_HEADER_BYTES, end))) {
        if (at > from) passing.push(bytes.subarray(from, at));
        from = end;
      }
      at = end;
    }
    if (at > from) passing.push(bytes.subarray(from, at));
    this.#begun = bytes.subarray(at);
    return passing;
  }

  /** @returns its size, 0 where not all of it is there */
  #readHeader(bytes: Buffer): number {
    if (bytes.length < HEADER_BYTES) return 0;
    this.#isHeaderRead = true;
    this.#isLittle = bytes[3] === 0xa1;
    this.#isNanos = this.#word(bytes, 0) === NANOSECONDS;
    return HEADER_BYTES;
  }

  #word(bytes: Buffer, at: number): number {
    return this.#isLittle ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at);
  }

  #micros(bytes: Buffer, at: number): number {
    const fraction = this.#word(bytes, at + 4);
    return this.#word(bytes, at) * 1_000_000 + (this.#isNanos ? fraction / 1_000 : fraction);
  }
}
