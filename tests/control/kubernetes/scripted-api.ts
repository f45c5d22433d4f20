/** An API server that answers what a test says, for what a real one cannot be made to do. */
import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import { ApiServer } from "../../../control/kubernetes/api-server.ts";
import type { ApiObject } from "../../../control/kubernetes/objects.ts";
import { Reflector } from "../../../control/kubernetes/reflector.ts";
import type { ReflectorTimings } from "../../../control/kubernetes/reflector.ts";

export const QUICK: ReflectorTimings = {
  ...{ pageSize: 2, idleMs: 60_000, watchMs: 60_000, relistMs: 3_600_000, firstWaitMs: 5, longestWaitMs: 20 },
};

export interface Asked {
  readonly isWatch: boolean;
  readonly query: URLSearchParams;
  readonly accept: string;
}

export type Script = (asked: Asked, response: ServerResponse) => void;

export interface ScriptedApi {
  /** Answers from now on. */
  script: Script;
  readonly asked: Asked[];
  readonly reflector: Reflector;
  /** What the sink was told: "+name" and "-uid". */
  readonly told: string[];
  readonly failures: Error[];
  recoveries: number;
  /** Moves the reflector's clock. */
  nowMs: number;
  close(): Promise<void>;
}

/** Starts a server, and a reflector of pods that asks it. */
export async function scriptedApi(
  script: Script,
  timings: Partial<ReflectorTimings> = {},
  answerLimitMs = 60_000,
): Promise<ScriptedApi> {
  const server = createServer((request: IncomingMessage, response) => {
    const url = new URL(request.url ?? "", "http://localhost");
    const asked = {
      ...{ isWatch: url.searchParams.has("watch"), query: url.searchParams, accept: request.headers.accept ?? "" },
    };
    api.asked.push(asked);
    api.script(asked, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" ? (address?.port ?? 0) : 0;
  const credentials = {
    getCurrentCluster: () => ({ server: `http://127.0.0.1:${port}/` }),
    applyToHTTPSOptions: () => Promise.resolve(),
  };
  const told: string[] = [];
  const failures: Error[] = [];
  const api: ScriptedApi = {
    ...{ script, asked: [], told, failures, recoveries: 0, nowMs: 1_000_000 },
    reflector: new Reflector({
      resource: "pods",
      api: new ApiServer(credentials, answerLimitMs),
      sink: {
        put: ({ metadata }) => told.push(`+${metadata.name}`),
        remove: (uid, atMs) => told.push(`-${uid}@${atMs}`),
      },
      timings: { ...QUICK, ...timings },
      failed: (error) => failures.push(error),
      recovered: () => (api.recoveries += 1),
      now: () => api.nowMs,
      random: () => 0.5,
    }),
    async close() {
      await api.reflector.stop();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  api.reflector.start();
  return api;
}

export function object(name: string, resourceVersion = "1"): ApiObject {
  return { metadata: { name, uid: name, resourceVersion } };
}

export function list(response: ServerResponse, names: readonly string[], version: string, next?: string): void {
  const metadata = { resourceVersion: version, ...(next && { continue: next }) };
  response.end(JSON.stringify({ metadata, items: names.map((name) => object(name)) }));
}

export function event(type: string, body: unknown): string {
  return `${JSON.stringify({ type, object: body })}\n`;
}

export function refuse(response: ServerResponse, status: number, reason: string): void {
  response.statusCode = status;
  response.end(JSON.stringify({ kind: "Status", code: status, reason, message: `${reason} by the script` }));
}
