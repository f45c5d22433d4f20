/**
 * A bootstrap whose listeners Envoy reads from a file that it watches, as it would take them from a control plane: a
 * test changes, adds and removes listeners while Envoy runs.
 */
import { mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { Bootstrap, Listener } from "./bootstrap.ts";

const TYPE = "type.googleapis.com/envoy.config.listener.v3.Listener";

export class LiveConfig {
  /** What to start Envoy with. */
  readonly bootstrap: object;
  readonly #folder: string;
  #version = 0;

  private constructor(bootstrap: Bootstrap, folder: string) {
    this.#folder = folder;
    const source = { path: this.#path, watched_directory: { path: folder } };
    this.bootstrap = {
      ...bootstrap,
      static_resources: { clusters: bootstrap.static_resources.clusters },
      dynamic_resources: { lds_config: { resource_api_version: "V3", path_config_source: source } },
    };
  }

  /** Moves the listeners of a bootstrap into a file of their own. */
  static async of(bootstrap: Bootstrap): Promise<LiveConfig> {
    const config = new LiveConfig(bootstrap, await mkdtemp(join(tmpdir(), "sidelight-lds-")));
    await config.set(bootstrap.static_resources.listeners);
    return config;
  }

  /** Replaces the listeners. Envoy takes them up a moment later: wait for what should follow. */
  async set(listeners: readonly Listener[]): Promise<void> {
    this.#version += 1;
    const resources = listeners.map((listener) => ({ "@type": TYPE, ...listener }));
    const next = join(this.#folder, "next");
    await writeFile(next, JSON.stringify({ version_info: String(this.#version), resources }));
    await rename(next, this.#path);
  }

  async remove(): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
  }

  get #path(): string {
    return join(this.#folder, "listeners.json");
  }
}
