/**
 * A real Envoy for tests: started with a bootstrap, on ports that the system picks, and stopped with all it made.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { envoyBinary } from "../provision/envoy.ts";
import { progressOn } from "../provision/progress.ts";

const READY_LIMIT_MS = 20_000;
const STOP_LIMIT_MS = 10_000;

export interface EnvoyOptions {
  /** Worker threads; each has a VM of its own. */
  readonly workers?: number;
  readonly args?: readonly string[];
  /** The program, where it is to be another than the tests' usual one. */
  readonly binary?: string;
}

export interface RunningEnvoy {
  readonly adminPort: number;
  readonly pid: number;
  /** The port that a listener is bound to. Give listeners port 0 in the bootstrap. */
  port(listener: string): number;
  /** A counter or gauge of Envoy's own statistics, 0 where there is none of that name. */
  stat(name: string): Promise<number>;
  /** A request to the admin interface; returns the body. */
  admin(path: string, method?: "GET" | "POST"): Promise<string>;
  /** Everything it wrote so far. */
  log(): string;
  /** Ends it and waits until it is gone: "SIGTERM" as Kubernetes does, "SIGKILL" as the kernel does. */
  stop(signal?: "SIGTERM" | "SIGKILL"): Promise<void>;
}

/** Starts an Envoy and waits until all its listeners are bound. The bootstrap's admin section is replaced. */
export async function startEnvoy(
  bootstrap: object,
  { workers = 1, args = [], binary }: EnvoyOptions = {},
): Promise<RunningEnvoy> {
  const path = binary ?? (await envoyBinary(progressOn())).path;
  const folder = await mkdtemp(join(tmpdir(), "sidelight-envoy-"));
  const config = join(folder, "bootstrap.json");
  const adminFile = join(folder, "admin");
  const admin = { address: { socket_address: { address: "127.0.0.1", port_value: 0 } } };
  await writeFile(config, JSON.stringify({ ...bootstrap, admin }));
  const fixed = ["--disable-hot-restart", "--log-level", "warning", "--component-log-level", "wasm:info"];
  const child = spawn(
    path,
    [...fixed, "-c", config, "--admin-address-path", adminFile, "--concurrency", String(workers), ...args],
    { stdio: ["ignore", "pipe", "pipe"] },
  );
  let output = "";
  const ended = once(child, "exit");
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (output += chunk.toString()));

  const stop = async (signal: "SIGTERM" | "SIGKILL" = "SIGTERM") => {
    const timer = setTimeout(() => child.kill("SIGKILL"), STOP_LIMIT_MS);
    child.kill(signal);
    if (child.exitCode === null && child.signalCode === null) await ended;
    clearTimeout(timer);
    await rm(folder, { recursive: true, force: true });
  };
  const isGone = () => child.exitCode !== null || child.signalCode !== null;
  try {
    const { adminPort, ports } = await untilReady(adminFile, isGone);
    const ask = (path: string, method: "GET" | "POST" = "GET") => request(adminPort, path, method);
    return {
      adminPort,
      pid: child.pid ?? 0,
      port: (listener) => {
        const port = ports.get(listener);
        if (port === undefined)
          throw new Error(`Envoy has no listener "${listener}", only ${[...ports.keys()].join(", ")}`);
        return port;
      },
      stat: async (name) => Number(/: (\d+)/.exec(await ask(`/stats?filter=^${name}$`))?.[1] ?? 0),
      admin: ask,
      log: () => output,
      stop,
    };
  } catch (cause) {
    await stop("SIGKILL");
    throw new Error(`Starting Envoy; its log ends with:\n${output.slice(-3000)}`, { cause });
  }
}

async function untilReady(adminFile: string, isGone: () => boolean) {
  const deadline = Date.now() + READY_LIMIT_MS;
  for (;;) {
    const ready = await probe(adminFile).catch(() => undefined);
    if (ready) return ready;
    if (isGone()) throw new Error("Envoy ended before it was ready");
    if (Date.now() > deadline) throw new Error(`Envoy was not ready after ${READY_LIMIT_MS} ms`);
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
}

/** The admin port and the listeners' ports, once Envoy says that it is live. */
async function probe(adminFile: string) {
  const adminPort = Number((await readFile(adminFile, "utf8")).split(":").pop());
  if ((await request(adminPort, "/ready", "GET")).trim() !== "LIVE") return undefined;
  const text = await request(adminPort, "/listeners?format=json", "GET");
  const { listener_statuses: statuses = [] } = JSON.parse(text) as ListenerStatuses;
  return { adminPort, ports: new Map(statuses.map((s) => [s.name, s.local_address.socket_address?.port_value ?? 0])) };
}

interface ListenerStatuses {
  readonly listener_statuses?: readonly {
    readonly name: string;
    readonly local_address: { readonly socket_address?: { readonly port_value: number } };
  }[];
}

async function request(port: number, path: string, method: "GET" | "POST"): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, { method });
  return await response.text();
}
