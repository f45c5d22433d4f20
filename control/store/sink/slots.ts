/**
 * Which slots of time the sink has yet to get: those that are over and were not sent, and those that were sent and have
 * changed since, by windows that came late. What it is to get is in the history, so this is all that must survive a kill: a small
 * file in the data folder.
 *
 * A slot is marked as changing, on the disk, before the history takes what changes it, and is not sent before it has. A kill at
 * any moment therefore costs at most that a slot is sent once more, as the same points.
 */
import { readFileSync } from "node:fs";
import { writeDurably } from "../durable-file.ts";
import { StoreOpenError } from "../errors.ts";

const FORMAT = "sidelight-sink-1";

/** After its end a slot waits so long for what is on its way, milliseconds. */
const GRACE_MS = 5_000;

/** Half-open, milliseconds since the epoch. */
export interface Slot {
  readonly fromMs: number;
  readonly toMs: number;
}

interface SlotsFile {
  readonly format: string;
  readonly stepMs: number;
  /** Since when slots are that long; those before are never sent again. */
  readonly sinceMs: number;
  /** Start of the first slot that was not sent yet. */
  readonly nextMs: number;
  /** Starts of slots before that one that are to be sent again. */
  readonly again: readonly number[];
}

export interface SlotsOptions {
  readonly path: string;
  readonly stepMs: number;
  /** Slots that began longer ago are given up, milliseconds. */
  readonly keptMs: number;
  readonly nowMs: number;
}

export class Slots {
  readonly #path: string;
  readonly #stepMs: number;
  readonly #keptMs: number;
  readonly #sinceMs: number;
  #nextMs: number;
  /** Starts of slots: to be sent again, being sent, and how many groups of windows on their way into history change each. */
  readonly #again: Set<number>;
  readonly #sending = new Set<number>();
  readonly #changing = new Map<number, number>();
  #dropped = 0;

  /** Throws a StoreOpenError where the file is none, and when it cannot be written. */
  constructor({ path, stepMs, keptMs, nowMs }: SlotsOptions) {
    this.#path = path;
    this.#stepMs = stepMs;
    this.#keptMs = keptMs;
    const known = read(path);
    const startMs = Math.floor(nowMs / stepMs) * stepMs;
    const isSame = known?.stepMs === stepMs;
    this.#sinceMs = isSame ? known.sinceMs : startMs;
    this.#nextMs = isSame ? known.nextMs : startMs;
    this.#again = new Set(isSame ? known.again : []);
    this.#write();
  }

  /** Slots given up since they were too old, since control started. */
  get dropped(): number {
    return this.#dropped;
  }

  /** How many wait at `nowMs`, and when the oldest of them began; undefined where none does. */
  waiting(nowMs: number): { readonly slots: number; readonly sinceMs: number | undefined } {
    const fresh = Math.max(0, Math.floor((nowMs - GRACE_MS - this.#nextMs) / this.#stepMs));
    const old = [...this.#again, ...this.#sending];
    const oldest = old.reduce((least, one) => Math.min(least, one), fresh > 0 ? this.#nextMs : Infinity);
    return { slots: fresh + old.length, sinceMs: oldest === Infinity ? undefined : oldest };
  }

  /**
   * Windows of these times are about to be given to history. To be called before, and what it answers when history has them or
   * has refused them.
   */
  change(times: readonly Slot[]): () => void {
    const changed = new Set<number>();
    for (const { fromMs, toMs } of times) {
      const first = Math.max(this.#startOf(fromMs), this.#sinceMs);
      for (let at = first; at < toMs; at += this.#stepMs) changed.add(at);
    }
    for (const at of changed) this.#changing.set(at, (this.#changing.get(at) ?? 0) + 1);
    if ([...changed].some((at) => at < this.#nextMs && !this.#again.has(at))) this.#write();
    return () => {
      for (const at of changed) {
        const left = this.#changing.get(at)! - 1;
        if (left > 0) this.#changing.set(at, left);
        else this.#changing.delete(at);
        if (at < this.#nextMs) this.#again.add(at);
      }
    };
  }

  /** The slot to be sent at `nowMs`, the oldest first; `sent` or `failed` must follow. Gives up those that are too old. */
  take(nowMs: number): Slot | undefined {
    this.#giveUp(nowMs - this.#keptMs);
    const old = [...this.#again].filter((at) => !this.#changing.has(at)).sort((a, b) => a - b)[0];
    if (old !== undefined) this.#again.delete(old);
    const isOver = this.#nextMs + this.#stepMs + GRACE_MS <= nowMs && !this.#changing.has(this.#nextMs);
    if (old === undefined && !isOver) return undefined;
    const fromMs = old ?? this.#nextMs;
    if (old === undefined) this.#nextMs += this.#stepMs;
    this.#sending.add(fromMs);
    return { fromMs, toMs: fromMs + this.#stepMs };
  }

  /** The sink has it. */
  sent({ fromMs }: Slot): void {
    this.#sending.delete(fromMs);
    this.#write();
  }

  /** The sink did not take it. */
  failed({ fromMs }: Slot): void {
    this.#sending.delete(fromMs);
    this.#again.add(fromMs);
  }

  /** What was sent lately goes again: a server that ended may have lost what it had taken. */
  resend(sinceMs: number): void {
    for (let at = this.#nextMs - this.#stepMs; at >= Math.max(sinceMs, this.#sinceMs); at -= this.#stepMs)
      this.#again.add(at);
  }

  #giveUp(beforeMs: number): void {
    const oldest = this.#startOf(beforeMs);
    for (const at of this.#again) {
      if (at >= oldest) continue;
      this.#again.delete(at);
      this.#dropped++;
    }
    if (this.#nextMs >= oldest) return;
    this.#dropped += (oldest - this.#nextMs) / this.#stepMs;
    this.#nextMs = oldest;
  }

  #startOf(ms: number): number {
    return Math.floor(ms / this.#stepMs) * this.#stepMs;
  }

  #write(): void {
    const changing = [...this.#changing.keys()].filter((at) => at < this.#nextMs);
    const again = [...new Set([...this.#again, ...this.#sending, ...changing])].sort((a, b) => a - b);
    const { stepMs, sinceMs, nextMs } = { stepMs: this.#stepMs, sinceMs: this.#sinceMs, nextMs: this.#nextMs };
    const file: SlotsFile = { format: FORMAT, stepMs, sinceMs, nextMs, again };
    try {
      writeDurably(this.#path, JSON.stringify(file));
    } catch (cause) {
      throw new Error(`Writing what the sink has yet to get to ${this.#path}`, { cause });
    }
  }
}

function read(path: string): SlotsFile | undefined {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw new StoreOpenError("unusable", `Reading what the sink has yet to get from ${path}`, { cause });
  }
  try {
    const file = JSON.parse(text) as SlotsFile;
    if (file.format === FORMAT) return file;
  } catch {
    // Told below, as of a file of another kind.
  }
  throw new StoreOpenError(
    "foreign",
    `The file ${path} does not say what the sink has yet to get. Move it away: then it gets what comes from now on`,
  );
}
