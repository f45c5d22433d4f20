const NEWLINE = 0x0a;
/** etcd takes objects of 1.5 MiB; nothing that is longer than this is one. */
const MAX_LINE_BYTES = 16 * 1024 * 1024;

/** Cuts a stream of bytes into lines. What has no end yet is kept, up to 16 MiB; past that `push` throws. */
export class JsonLines {
  #begun: Buffer[] = [];
  #bytes = 0;

  /** The lines that end in this chunk, read as JSON. */
  *push(chunk: Buffer): Generator {
    let at = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, at)) {
      const line = Buffer.concat([...this.#begun, chunk.subarray(at, end)]).toString("utf8");
      this.#begun = [];
      this.#bytes = 0;
      at = end + 1;
      if (line !== "") yield JSON.parse(line);
    }
    if (at === chunk.length) return;
    this.#begun.push(chunk.subarray(at));
    this.#bytes += chunk.length - at;
    if (this.#bytes > MAX_LINE_BYTES) throw new Error(`A line of the watch is longer than ${MAX_LINE_BYTES} bytes`);
  }
}
