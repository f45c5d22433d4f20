import type { ReadStream, WriteStream } from "node:tty";

/** DEC private modes as xterm documents them: the alternate screen, and the cursor. */
const enter = "\x1b[?1049h\x1b[?25l";
const leave = "\x1b[?25h\x1b[?1049l";
const home = "\x1b[H";
const clearToEndOfLine = "\x1b[K";
const clearBelow = "\x1b[J";

/**
 * The terminal as one page that is drawn again and again, in the alternate screen, so that what stood there before comes
 * back at the end. Ends on q, Escape, Ctrl-C, or when the process is told to stop.
 */
export class Screen {
  readonly #output: WriteStream;
  readonly #input: ReadStream;
  readonly #ended = new AbortController();
  readonly #redraw: () => void;
  #isOpen = false;

  /** @param redraw called when the size of the terminal changes */
  constructor(output: WriteStream, input: ReadStream, redraw: () => void) {
    this.#output = output;
    this.#input = input;
    this.#redraw = redraw;
  }

  /** Aborted once the user has seen enough. */
  get ended(): AbortSignal {
    return this.#ended.signal;
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Takes the terminal; harmless when it has it. */
  open(): void {
    if (this.#isOpen) return;
    this.#isOpen = true;
    this.#output.write(enter);
    this.#output.on("resize", this.#redraw);
    process.once("SIGTERM", this.#end);
    process.once("SIGINT", this.#end);
    if (!this.#input.isTTY) return;
    this.#input.setRawMode(true);
    this.#input.on("data", this.#onKey);
    this.#input.resume();
  }

  /** Draws over what stands there, line by line, so that nothing flickers. */
  draw(lines: readonly string[]): void {
    const page = lines.slice(0, this.#output.rows).map((line) => line + clearToEndOfLine);
    this.#output.write(home + page.join("\r\n") + clearBelow);
  }

  /** Gives the terminal back as it was; harmless when it was not taken. */
  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#output.off("resize", this.#redraw);
    process.off("SIGTERM", this.#end);
    process.off("SIGINT", this.#end);
    if (this.#input.isTTY) {
      this.#input.off("data", this.#onKey);
      this.#input.setRawMode(false);
      this.#input.pause();
    }
    this.#output.write(leave);
  }

  readonly #end = (): void => this.#ended.abort();

  readonly #onKey = (data: Buffer): void => {
    // In raw mode Ctrl-C is a byte like any other. A lone Escape ends; arrow keys begin with one and do not.
    if (["q", "Q", "\x03", "\x1b"].includes(data.toString("latin1"))) this.#end();
  };
}
