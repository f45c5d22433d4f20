import { createHash } from "node:crypto";
import type { ServerDuplexStream } from "@grpc/grpc-js";
import { Settings } from "#proto/ingest.ts";
import type { Hello, ReportResponse } from "#proto/ingest.ts";

/** How reporters are to report. */
export interface SettingsSource {
  /** Whether slow and failed requests are kept by name; what comes all the same is left out. */
  readonly areExemplarsKept: boolean;
  /**
   * Follows what one reporter is to be told.
   * @param changed told when that may be something else than before
   */
  follow(hello: Hello, changed: () => void): FollowedSettings;
}

/** What one reporter is to be told. */
export interface FollowedSettings {
  now(): Settings;
  end(): void;
}

/** Tells one reporter its settings: at once, and again when they have changed. */
export class SettingsTeller {
  readonly #call: ServerDuplexStream<unknown, ReportResponse>;
  readonly #settings: FollowedSettings;
  /** A hash of what was told last: the settings of ten thousand reporters are too much to keep. */
  #told = "";
  #isDue = false;
  #isClosed = false;

  constructor(call: ServerDuplexStream<unknown, ReportResponse>, source: SettingsSource, hello: Hello) {
    this.#call = call;
    this.#settings = source.follow(hello, () => this.#tellSoon());
    this.#tell();
  }

  close(): void {
    this.#isClosed = true;
    this.#settings.end();
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
    const value = this.#settings.now();
    const hash = createHash("sha256").update(Settings.encode(value).finish()).digest("base64");
    if (hash === this.#told) return;
    this.#told = hash;
    this.#call.write({ message: { $case: "settings", value } });
  }
}
