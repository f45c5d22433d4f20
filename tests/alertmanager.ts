/** A real Prometheus Alertmanager (Debian's package, unpacked without root) that tells a webhook, with its data in a folder of its own. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "../demo/free-port.ts";
import { alertmanagerProgram } from "../provision/alertmanager.ts";
import type { AlertmanagerProgram } from "../provision/alertmanager.ts";

const READY_LIMIT_MS = 30_000;

/** An alert as its API lists it. */
export interface ListedAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly startsAt: string;
  readonly endsAt: string;
  readonly generatorURL: string;
  readonly status: { readonly state: "active" | "suppressed" | "unprocessed" };
}

/** What it tells a webhook. */
export interface AlertmanagerMessage {
  readonly status: "firing" | "resolved";
  readonly groupLabels: Readonly<Record<string, string>>;
  readonly alerts: readonly {
    readonly status: "firing" | "resolved";
    readonly labels: Readonly<Record<string, string>>;
    readonly endsAt: string;
  }[];
}

/** The program; undefined, with a line that says why, where it cannot be had. */
export async function findAlertmanager(): Promise<AlertmanagerProgram | undefined> {
  try {
    return await alertmanagerProgram();
  } catch (error) {
    process.stdout.write(`skipped: there is no Alertmanager here: ${(error as Error).message}\n`);
    return undefined;
  }
}

export class Alertmanager {
  private constructor(
    readonly url: string,
    /** Ends it and removes its data. */
    readonly stop: () => Promise<void>,
  ) {}

  /**
   * Starts one that is ready.
   * @param webhook whom it tells, half a second after the first alert of a group
   * @param groupBy labels
   */
  static async start(
    { alertmanager, cwd }: AlertmanagerProgram,
    webhook: string,
    groupBy: readonly string[],
  ): Promise<Alertmanager> {
    const folder = await mkdtemp(join(tmpdir(), "sidelight-alertmanager-"));
    const waits = { group_wait: "500ms", group_interval: "1s", repeat_interval: "1h" };
    const config = {
      route: { receiver: "hook", group_by: groupBy, ...waits },
      receivers: [{ name: "hook", webhook_configs: [{ url: webhook, send_resolved: true }] }],
    };
    // JSON is YAML.
    await writeFile(join(folder, "alertmanager.yml"), JSON.stringify(config));
    const listen = `127.0.0.1:${await freePort("127.0.0.1")}`;
    const files = [`--config.file=${join(folder, "alertmanager.yml")}`, `--storage.path=${join(folder, "data")}`];
    const child = spawn(alertmanager, [...files, `--web.listen-address=${listen}`, "--cluster.listen-address="], {
      cwd,
      stdio: "ignore",
    });
    const isGone = (): boolean => child.exitCode !== null || child.signalCode !== null;
    const started = new Alertmanager(`http://${listen}`, async () => {
      if (!isGone()) {
        child.kill("SIGKILL");
        await once(child, "exit");
      }
      await rm(folder, { recursive: true, force: true });
    });
    const deadline = Date.now() + READY_LIMIT_MS;
    while (!(await started.#isReady())) {
      if (Date.now() > deadline || isGone()) {
        await started.stop();
        throw new Error("Alertmanager did not become ready");
      }
      await sleep(100);
    }
    return started;
  }

  /** All that it has and that is not over. */
  async alerts(): Promise<ListedAlert[]> {
    const response = await fetch(`${this.url}/api/v2/alerts`);
    return (await response.json()) as ListedAlert[];
  }

  /** Silences what has a label of this value, for an hour. */
  async silence(label: string, value: string): Promise<void> {
    const now = Date.now();
    const times = { startsAt: new Date(now).toISOString(), endsAt: new Date(now + 3_600_000).toISOString() };
    const matchers = [{ name: label, value, isRegex: false, isEqual: true }];
    const body = JSON.stringify({ matchers, ...times, createdBy: "a test", comment: "a test" });
    const headers = { "content-type": "application/json" };
    const response = await fetch(`${this.url}/api/v2/silences`, { method: "POST", headers, body });
    if (!response.ok) throw new Error(`Silencing ${label}=${value}: ${response.status} ${await response.text()}`);
  }

  async #isReady(): Promise<boolean> {
    return await fetch(`${this.url}/-/ready`).then(
      (answer) => answer.ok,
      () => false,
    );
  }
}
