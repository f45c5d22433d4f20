import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Server, ServerCredentials } from "@grpc/grpc-js";
import { Registry } from "prom-client";
import { Batch, Switch } from "#proto/ingest.ts";
import { decodeReceived } from "../../../control/ingest/envelope.ts";
import { INGEST_SERVER_OPTIONS } from "../../../control/ingest/frame.ts";
import { Inbox } from "../../../control/ingest/inbox.ts";
import { IngestMetrics } from "../../../control/ingest/metrics.ts";
import { Reporters } from "../../../control/ingest/reporters.ts";
import type { SettingsSource } from "../../../control/ingest/settings.ts";
import { addIngestService } from "../../../control/ingest/service.ts";
import type { Ingest } from "../../../control/ingest/service.ts";
import { TapHub } from "../../../control/ingest/tap-hub.ts";
import { ReporterClient } from "../reporter-client.ts";
import type { ReporterOptions } from "../reporter-client.ts";
import { fixedSettings } from "./fixed-settings.ts";
import { RawStream } from "./raw-stream.ts";

export interface ServedOptions {
  readonly maxBytes?: number;
  readonly maxStreams?: number;
  readonly settings?: SettingsSource;
  /** Where the inbox lies; stays there when it stops. */
  readonly folder?: string;
  readonly aheadMs?: number;
}

/** The ingest service with a real inbox behind a real server, and the reporters of one test. */
export class Served {
  readonly registry = new Registry();
  readonly reporters = new Reporters();
  readonly warnings: string[] = [];
  /** Names a live request by its path and where it was seen, and a reporter as the mesh does. */
  readonly taps = new TapHub({
    workloadOf: ({ namespace, workload }) => `${namespace}/${workload}`,
    name: ({ hello, batch }) =>
      batch.exemplars.map(({ path, atSeconds }) => ({ path, pod: hello.pod, atMs: atSeconds * 1000 })),
    onError: (error) => void this.warnings.push(error.message),
  });
  readonly inbox: Inbox;
  readonly ingest: Ingest;
  /** Milliseconds that control's clock is ahead of this machine's. */
  aheadMs: number;
  readonly #folder: string;
  readonly #keepsFolder: boolean;
  readonly #server = new Server(INGEST_SERVER_OPTIONS);
  readonly #open: { close(): void }[] = [];
  #target = "";

  private constructor(options: ServedOptions) {
    this.aheadMs = options.aheadMs ?? 0;
    this.#keepsFolder = options.folder !== undefined;
    this.#folder = options.folder ?? mkdtempSync(join(tmpdir(), "sidelight-service-"));
    this.inbox = Inbox.open({ path: join(this.#folder, "inbox"), maxBytes: options.maxBytes ?? 1 << 28 });
    const deps = {
      inbox: this.inbox,
      reporters: this.reporters,
      metrics: new IngestMetrics(this.registry),
      taps: this.taps,
      settings:
        options.settings ??
        fixedSettings({
          intervalMillis: 1000,
          routes: ["/a/{id}"],
          maxEndpoints: 7,
          serviceRoutes: [],
          exemplars: Switch.SWITCH_UNSPECIFIED,
        }),
      warn: (message: string, details: Record<string, unknown>) =>
        void this.warnings.push(`${message} ${JSON.stringify(details)}`),
      now: () => Date.now() + this.aheadMs,
    };
    this.ingest = addIngestService(this.#server, deps, options.maxStreams);
  }

  /** Starts the service on a free port. */
  static async start(options: ServedOptions = {}): Promise<Served> {
    const served = new Served(options);
    const port = await new Promise<number>((resolve, reject) => {
      served.#server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
        error ? reject(error) : resolve(bound),
      );
    });
    served.#target = `127.0.0.1:${port}`;
    return served;
  }

  async stop(): Promise<void> {
    for (const part of this.#open) part.close();
    this.#server.forceShutdown();
    await this.inbox.close();
    if (!this.#keepsFolder) rmSync(this.#folder, { recursive: true, force: true });
  }

  reporter(options: Omit<ReporterOptions, "target"> = {}): ReporterClient {
    const client = new ReporterClient({ ...options, target: this.#target });
    this.#open.push(client);
    return client;
  }

  raw(): RawStream {
    const stream = new RawStream(this.#target);
    this.#open.push(stream);
    return stream;
  }

  /** What lies in the inbox. */
  stored(): Batch[] {
    return this.inbox.read(0, 100_000, Infinity).map(({ value }) => Batch.decode(decodeReceived(value).batch));
  }

  /** The sum of a metric's values that have these labels. */
  async metric(name: string, labels: Record<string, string> = {}): Promise<number> {
    const found = (await this.registry.getMetricsAsJSON()).find((entry) => entry.name === name);
    const values = (found?.values ?? []) as { value: number; labels: Record<string, unknown> }[];
    const matching = values.filter(({ labels: have }) =>
      Object.entries(labels).every(([key, value]) => have[key] === value),
    );
    return matching.reduce((sum, { value }) => sum + value, 0);
  }
}
