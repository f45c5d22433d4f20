import { createHash } from "node:crypto";
import type { ServerDuplexStream } from "@grpc/grpc-js";
import { Settings } from "#proto/ingest.ts";
import type { Hello, ReportResponse } from "#proto/ingest.ts";

/** How reporters are to report. */
export interface SettingsSource {
  /** Whether slow and failed requests are kept by name; what comes all the same is left out. */
  readonly areExemplarsKept: boolean;
  of(hello: Hello): Settings;
  /** Tells when what `of` says may have changed. @returns what ends it */
  onChange(listener: () => void): () => void;
}

/** Tells one reporter its settings: at once, and again when they have changed. */
export class SettingsTeller {
  readonly #call: ServerDuplexStream<unknown, ReportResponse>;
  readonly #source: SettingsSource;
  readonly #hello: Hello;
  readonly #unfollow: () => void;
  /** A hash of what was told last: the settings of ten thousand reporters are too much to keep. */
  #told = "";
  #isDue = false;
  #isClosed = false;

  constructor(call: ServerDuplexStream<unknown, ReportResponse>, source: SettingsSource, hello: Hello) {
    this.#call = call;
    this.#source = source;
    this.#hello = hello;
    this.#tell();
    this.#unfollow = source.onChange(() => this.#tellSoon());
  }

  close(): void {
    this.#isClosed = true;
    this.#unfollow();
  }

  /** To a reporter that reads slowly only the newest is told. */
  #tellSoon(): void {
    if (this.#isDue || this.#isClosed) return;
    if (!this.#call.writableNeedDrain) return this.#tell();
    this.#isDue = true;
    this.#call.once("drain", () => {
      this.#isDue = false;
      this.#tell();
    });
  }

  #tell(): void {
    if (this.#isClosed) return;
    const value = this.#source.of(this.#hello);
    const hash = createHash("sha256").update(Settings.encode(value).finish()).digest("base64");
    if (hash === this.#told) return;
    this.#told = hash;
    this.#call.write({ message: { $case: "settings", value } });
  }
}
