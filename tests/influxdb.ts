/**
 * A real InfluxDB 2 for tests: started on a free port with an organisation and an all-access token, and stopped with all
 * it made. `findInfluxDb` never builds one, so quick tests say that they were skipped where none is there yet.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { InfluxDB } from "@influxdata/influxdb-client";
import { SetupAPI } from "@influxdata/influxdb-client-apis";
import { freePort } from "../demo/free-port.ts";
import { NoInfluxDbError, influxDbBinary, presentInfluxDb } from "../provision/influxdb.ts";
import { progressOn } from "../provision/progress.ts";

/** A large history, of which the last writes were not yet compacted, takes its time. */
const READY_LIMIT_MS = 120_000;
const STOP_LIMIT_MS = 10_000;
const ORG = "sidelight-tests";
const TOKEN = "a-token-of-the-tests";

export interface RunningInfluxDb {
  readonly url: string;
  readonly port: number;
  readonly org: string;
  /** May do everything in the organisation. */
  readonly token: string;
  /** Everything it wrote so far. */
  log(): string;
  /** Ends the server; its data stays for `start`. */
  stop(signal?: "SIGTERM" | "SIGKILL"): Promise<void>;
  /** Starts it again on the same port with the same data. */
  start(): Promise<void>;
  /** It keeps its connections and answers nothing, until it is thawed. */
  freeze(): void;
  thaw(): void;
  /** Ends it and removes all that it made, but for what is to be kept. */
  remove(): Promise<void>;
}

/** The program of an InfluxDB that is there already; undefined, with a line that says so, where there is none. */
export async function findInfluxDb(): Promise<string | undefined> {
  const found = await presentInfluxDb();
  if (found) return found.path;
  process.stdout.write("skipped: there is no InfluxDB here yet; `npm test -- --slow influx` builds one (8 minutes)\n");
  return undefined;
}

/** The program of an InfluxDB, built where there is none yet; undefined, with a line that says why, where that cannot be. */
export async function getInfluxDb(): Promise<string | undefined> {
  try {
    return (await influxDbBinary(progressOn())).path;
  } catch (error) {
    if (!(error instanceof NoInfluxDbError)) throw error;
    process.stdout.write(`skipped: ${error.message}\n`);
    return undefined;
  }
}

/**
 * Starts an InfluxDB and sets it up.
 *
 * @param kept where it has its data, which stays there; without one they lie in a folder that `remove` removes
 * @param options further ones of influxd
 */
export async function startInfluxDb(
  binary: string,
  kept?: string,
  options: readonly string[] = [],
): Promise<RunningInfluxDb> {
  const folder = kept ?? (await mkdtemp(join(tmpdir(), "sidelight-influxdb-")));
  const port = await freePort("127.0.0.1");
  const url = `http://127.0.0.1:${port}`;
  let output = "";
  let server = launch();

  function launch() {
    const files = ["engine", "bolt", "sqlite"].flatMap((name) => [`--${name}-path`, join(folder, name)]);
    const args = ["--http-bind-address", `127.0.0.1:${port}`, ...files, "--reporting-disabled", "--log-level", "error"];
    const child = spawn(binary, [...args, ...options], {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, HOME: folder },
    });
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (chunk: Buffer) => (output += chunk.toString()));
    }
    return { child, ended: once(child, "exit") };
  }

  const isGone = (): boolean => server.child.exitCode !== null || server.child.signalCode !== null;
  const stop = async (signal: "SIGTERM" | "SIGKILL" = "SIGTERM"): Promise<void> => {
    const timer = setTimeout(() => server.child.kill("SIGKILL"), STOP_LIMIT_MS);
    server.child.kill(signal);
    if (!isGone()) await server.ended;
    clearTimeout(timer);
  };
  const remove = async (): Promise<void> => {
    await stop(kept === undefined ? "SIGKILL" : "SIGTERM");
    if (kept === undefined) await rm(folder, { recursive: true, force: true });
  };
  const start = async (): Promise<void> => {
    if (isGone()) server = launch();
    await untilHealthy(url, isGone);
  };
  const freeze = (): void => void server.child.kill("SIGSTOP");
  const thaw = (): void => void server.child.kill("SIGCONT");
  try {
    await start();
    const setup = new SetupAPI(new InfluxDB({ url }));
    const body = { username: "tests", password: "a password of the tests", org: ORG, bucket: "first", token: TOKEN };
    if ((await setup.getSetup()).allowed) await setup.postSetup({ body });
  } catch (cause) {
    await remove();
    throw new Error(`Starting InfluxDB; its log ends with:\n${output.slice(-3000)}`, { cause });
  }
  return { url, port, org: ORG, token: TOKEN, log: () => output, stop, start, freeze, thaw, remove };
}

async function untilHealthy(url: string, isGone: () => boolean): Promise<void> {
  const deadline = Date.now() + READY_LIMIT_MS;
  for (;;) {
    const response = await fetch(`${url}/health`).catch(() => undefined);
    if (response?.ok) return;
    if (isGone()) throw new Error("InfluxDB ended before it was ready");
    if (Date.now() > deadline) throw new Error(`InfluxDB was not ready after ${READY_LIMIT_MS} ms`);
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
}
