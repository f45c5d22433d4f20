/** A real VictoriaMetrics on a free port, with its data in a folder of its own. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "../demo/free-port.ts";
import { progressOn } from "../provision/progress.ts";
import { victoriaMetricsBinary } from "../provision/victoria-metrics.ts";

const READY_LIMIT_MS = 30_000;

/** The program; undefined, with a line that says why, where it cannot be had. */
export async function findVictoriaMetrics(): Promise<string | undefined> {
  try {
    return await victoriaMetricsBinary(progressOn());
  } catch (error) {
    process.stdout.write(`skipped: there is no VictoriaMetrics here: ${(error as Error).message}\n`);
    return undefined;
  }
}

export interface RunningVictoriaMetrics {
  readonly url: string;
  /** Ends the server; its data stays for `start`. */
  stop(signal?: "SIGINT" | "SIGKILL"): Promise<void>;
  /** Starts it again on the same port with the same data. */
  start(): Promise<void>;
  /** Ends it and removes all that it made. */
  remove(): Promise<void>;
}

export async function startVictoriaMetrics(binary: string): Promise<RunningVictoriaMetrics> {
  const folder = await mkdtemp(join(tmpdir(), "sidelight-victoria-"));
  const listen = `127.0.0.1:${await freePort("127.0.0.1")}`;
  const url = `http://${listen}`;
  let server = launch();

  function launch() {
    const args = [`-storageDataPath=${folder}`, `-httpListenAddr=${listen}`, "-loggerLevel=ERROR"];
    // Points of the same series and time are one, as docs/sink.md asks for; and tests do not wait for late ones.
    args.push("-dedup.minScrapeInterval=1ms", "-search.latencyOffset=0s", "-search.disableCache");
    return spawn(binary, args, { stdio: "ignore" });
  }

  const isGone = (): boolean => server.exitCode !== null || server.signalCode !== null;
  const stop = async (signal: "SIGINT" | "SIGKILL" = "SIGINT"): Promise<void> => {
    if (isGone()) return;
    server.kill(signal);
    await once(server, "exit");
  };
  const start = async (): Promise<void> => {
    if (isGone()) server = launch();
    const deadline = Date.now() + READY_LIMIT_MS;
    while (!(await fetch(`${url}/health`).catch(() => undefined))?.ok) {
      if (isGone()) throw new Error("VictoriaMetrics ended before it was ready");
      if (Date.now() > deadline) throw new Error(`VictoriaMetrics was not ready after ${READY_LIMIT_MS} ms`);
      await sleep(50);
    }
  };
  const remove = async (): Promise<void> => {
    await stop("SIGKILL");
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await start();
  } catch (error) {
    await remove();
    throw error;
  }
  return { url, stop, start, remove };
}
