/**
 * What a person sees while the parts are fetched, built and started: a line a step on standard error, so that
 * standard output stays free for results.
 *
 * On a terminal the steps under way are redrawn in place; elsewhere (a log, a CI run) a step is one line when it ends,
 * and one more for each note if it takes long. `NO_COLOR` (https://no-color.org) and `TERM=dumb` are honoured.
 */
import type { WriteStream } from "node:tty";

/** A step under way. */
export interface Step {
  /** Says what is going on now ("downloading 36.9 MB"), or what came of it when it is the last word of the step. */
  note(text: string): void;
}

export interface Progress {
  /** Runs `work` as a named step and reports how long it took. What it throws is passed on. */
  step<T>(title: string, work: (step: Step) => Promise<T>): Promise<T>;
  /** A line between the steps. */
  say(text: string): void;
}

interface Running {
  readonly title: string;
  readonly startedMs: number;
  note: string;
}

const spinner = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
const redrawMs = 100;

type Paint = (code: number, text: string) => string;

function painter(stream: WriteStream): Paint {
  const wanted = stream.isTTY && !process.env["NO_COLOR"] && process.env["TERM"] !== "dumb";
  return (code, text) => (wanted ? `\x1b[${code}m${text}\x1b[0m` : text);
}

/** "0.3 s", "12 s", "2 m 05 s". */
export function duration(ms: number): string {
  const seconds = ms / 1000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 60) return `${Math.round(seconds)} s`;
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)} m ${String(whole % 60).padStart(2, "0")} s`;
}

class TerminalProgress implements Progress {
  readonly #running: Running[] = [];
  #drawn = 0;
  #frame = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly stream: WriteStream,
    private readonly paint: Paint,
  ) {}

  async step<T>(title: string, work: (step: Step) => Promise<T>): Promise<T> {
    const running: Running = { title, startedMs: performance.now(), note: "" };
    this.#running.push(running);
    this.#timer ??= setInterval(() => this.#draw(), redrawMs);
    this.#draw();
    try {
      const result = await work({ note: (text) => void (running.note = text) });
      this.#end(running, this.paint(32, "✓"));
      return result;
    } catch (error) {
      this.#end(running, this.paint(31, "✗"));
      throw error;
    }
  }

  say(text: string): void {
    this.#draw(`${text}\n`);
  }

  #end(running: Running, mark: string): void {
    this.#running.splice(this.#running.indexOf(running), 1);
    if (this.#running.length === 0) {
      clearInterval(this.#timer);
      this.#timer = undefined;
    }
    this.#draw(`${this.#line(mark, running)}\n`);
  }

  /** Replaces what was drawn by `above`, which stays, and the steps under way. One write, so that nothing flickers. */
  #draw(above = ""): void {
    const erase = this.#drawn > 0 ? `\x1b[${this.#drawn}A\x1b[0J` : "";
    this.#frame = (this.#frame + 1) % spinner.length;
    const mark = this.paint(36, spinner[this.#frame] ?? "");
    const lines = this.#running.map((running) => `${this.#line(mark, running)}\n`);
    this.#drawn = lines.length;
    this.stream.write(erase + above + lines.join(""));
  }

  /** Cut to the width of the terminal: a wrapped line could not be erased again. */
  #line(mark: string, running: Running): string {
    const took = duration(performance.now() - running.startedMs);
    const room = Math.max(10, (this.stream.columns || 80) - 4 - 30 - 12);
    const note = running.note.length > room ? `${running.note.slice(0, room - 1)}…` : running.note;
    return `  ${mark} ${running.title.padEnd(28)} ${this.paint(2, took.padStart(9))}  ${this.paint(2, note)}`;
  }
}

class PlainProgress implements Progress {
  constructor(private readonly write: (text: string) => void) {}

  async step<T>(title: string, work: (step: Step) => Promise<T>): Promise<T> {
    const startedMs = performance.now();
    let lastNote = "";
    const line = (mark: string) =>
      this.write(`${mark} ${title}${lastNote ? `: ${lastNote}` : ""} (${duration(performance.now() - startedMs)})\n`);
    const slow = setInterval(() => line("..."), 10_000);
    slow.unref();
    try {
      const result = await work({ note: (text) => void (lastNote = text) });
      line("ok ");
      return result;
    } catch (error) {
      line("failed");
      throw error;
    } finally {
      clearInterval(slow);
    }
  }

  say(text: string): void {
    this.write(`${text}\n`);
  }
}

/** Progress on a stream, standard error unless told. */
export function progressOn(stream: WriteStream = process.stderr): Progress {
  if (stream.isTTY && process.env["TERM"] !== "dumb") return new TerminalProgress(stream, painter(stream));
  return new PlainProgress((text) => void stream.write(text));
}

/** Progress that nobody sees, for tests. */
export const silent: Progress = new PlainProgress(() => {});
