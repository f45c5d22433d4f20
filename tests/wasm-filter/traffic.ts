/**
 * Both ends of the traffic that goes through a real Envoy: an application that does what the request asks for, a TCP
 * echo, a gRPC service, and clients.
 */
import * as grpc from "@grpc/grpc-js";
import { once } from "node:events";
import http from "node:http";
import http2 from "node:http2";
import net from "node:net";
import { Worker } from "node:worker_threads";

export interface Closable {
  readonly port: number;
  close(): Promise<void>;
}

export interface Ask {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Record<string, string>;
  /** Milliseconds after which the client hangs up. */
  readonly leaveAfterMs?: number;
}

/** Answers with the status in `x-status` after `x-delay` milliseconds; "reset" as status closes the connection. */
export async function startApp(): Promise<Closable> {
  const server = http.createServer((request, response) => {
    request.resume();
    const status = request.headers["x-status"] ?? "200";
    setTimeout(
      () => {
        if (status === "reset") request.socket.destroy();
        else response.writeHead(Number(status)).end("answer");
      },
      Number(request.headers["x-delay"] ?? 0),
    );
  });
  return listening(server, () => server.closeAllConnections());
}

export async function startEcho(): Promise<Closable> {
  const sockets = new Set<net.Socket>();
  const server = net.createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.pipe(socket);
  });
  return listening(server, () => sockets.forEach((socket) => socket.destroy()));
}

async function listening(server: net.Server, drop: () => void): Promise<Closable> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as net.AddressInfo;
  const close = async () => {
    const closed = once(server, "close");
    server.close();
    drop();
    await closed;
  };
  return { port, close };
}

/** A server too busy to take connections: further ones hang while they are being established. */
export async function startBusy(): Promise<Closable> {
  // A thread that listens and then sleeps, so that nobody empties its short queue.
  const worker = new Worker(
    `const { parentPort } = require("node:worker_threads");
     const server = require("node:net").createServer();
     server.listen({ port: 0, host: "127.0.0.1", backlog: 1 }, () => {
       parentPort.postMessage(server.address().port);
       setImmediate(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0));
     });`,
    { eval: true },
  );
  const [port] = (await once(worker, "message")) as [number];
  const fillers = Array.from({ length: 4 }, () => net.connect(port, "127.0.0.1").on("error", () => {}));
  await new Promise((resolve) => setTimeout(resolve, 200));
  const close = async () => {
    for (const socket of fillers) socket.destroy();
    await worker.terminate();
  };
  return { port, close };
}

/** A port on which nothing listens. */
export async function deadPort(): Promise<number> {
  const server = await listening(net.createServer(), () => {});
  await server.close();
  return server.port;
}

/** One request; the status, or 0 where there was no answer. */
export function ask(
  port: number,
  { method = "GET", path = "/", headers = {}, leaveAfterMs = 0 }: Ask = {},
): Promise<number> {
  return new Promise((resolve) => {
    const request = http.request({ host: "127.0.0.1", port, method, path, headers, agent: keepAlive }, (response) => {
      response.resume();
      response.on("end", () => resolve(response.statusCode ?? 0));
      response.on("error", () => resolve(0));
    });
    request.on("error", () => resolve(0));
    if (leaveAfterMs > 0) setTimeout(() => request.destroy(), leaveAfterMs);
    request.end();
  });
}

const keepAlive = new http.Agent({ keepAlive: true, maxSockets: 50 });

/** Closes the connections that `ask` keeps. */
export function hangUp(): void {
  keepAlive.destroy();
}

/** Requests over one HTTP/2 connection, all at once; their statuses. */
export async function askHttp2(port: number, asks: readonly Ask[]): Promise<number[]> {
  const session = http2.connect(`http://127.0.0.1:${port}`);
  const statuses = asks.map(async ({ method = "GET", path = "/", headers = {} }) => {
    const stream = session.request({ ":method": method, ":path": path, ...headers });
    const [answer] = (await once(stream, "response")) as [http2.IncomingHttpHeaders & { ":status"?: number }];
    stream.resume();
    await once(stream, "close");
    return answer[":status"] ?? 0;
  });
  const result = await Promise.all(statuses);
  session.close();
  return result;
}

const raw = { serialize: (value: Buffer) => value, deserialize: (value: Buffer) => value };

function rpc(path: string, isStream: boolean) {
  return {
    path,
    requestStream: isStream,
    responseStream: isStream,
    requestSerialize: raw.serialize,
    requestDeserialize: raw.deserialize,
    responseSerialize: raw.serialize,
    responseDeserialize: raw.deserialize,
  };
}

const payment = { authorise: rpc("/shop.v1.Payment/Authorise", false), watch: rpc("/shop.v1.Payment/Watch", true) };

/** A gRPC service whose answer's code is the first byte of the request; Watch sends each byte back and ends well. */
export async function startGrpc(): Promise<Closable> {
  const server = new grpc.Server();
  server.addService(payment, {
    authorise: (call: grpc.ServerUnaryCall<Buffer, Buffer>, done: grpc.sendUnaryData<Buffer>) => {
      const code = call.request[0] ?? 0;
      if (code === 0) done(null, Buffer.from("ok"));
      else done({ code, details: "as told" });
    },
    watch: (call: grpc.ServerDuplexStream<Buffer, Buffer>) => {
      call.on("data", (bytes: Buffer) => call.write(bytes));
      call.on("end", () => call.end());
    },
  });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  return { port, close: () => Promise.resolve(server.forceShutdown()) };
}

export class GrpcClient {
  private readonly client: grpc.Client;

  constructor(port: number, authority?: string) {
    const options = authority === undefined ? {} : { "grpc.default_authority": authority };
    this.client = new grpc.Client(`127.0.0.1:${port}`, grpc.credentials.createInsecure(), options);
  }

  /** A unary call that asks for this code; the code that came. */
  authorise(code: number, deadlineMs = 5000): Promise<number> {
    return new Promise((resolve) => {
      const { path } = payment.authorise;
      const deadline = Date.now() + deadlineMs;
      const done = (error: grpc.ServiceError | null) => resolve(error?.code ?? 0);
      this.client.makeUnaryRequest(path, raw.serialize, raw.deserialize, Buffer.from([code]), { deadline }, done);
    });
  }

  /** A bidirectional stream of `messages` there and back; the code at its end. */
  async watch(messages: number): Promise<number> {
    const call = this.client.makeBidiStreamRequest(payment.watch.path, raw.serialize, raw.deserialize);
    call.on("error", () => {});
    const ended = once(call, "status") as Promise<[grpc.StatusObject]>;
    let echoed = 0;
    call.on("data", () => {
      if (++echoed === messages) call.end();
    });
    for (let i = 0; i < messages; i++) call.write(Buffer.from([i]));
    return (await ended)[0].code;
  }

  close(): void {
    this.client.close();
  }
}

/** Waits until `check` holds, looking again and again; fails with what `describe` says after a limit. */
export async function until(
  check: () => boolean | Promise<boolean>,
  describe: () => string,
  limitMs = 20_000,
): Promise<void> {
  const deadline = Date.now() + limitMs;
  while (!(await check())) {
    if (Date.now() > deadline) throw new Error(`Not so after ${limitMs} ms: ${describe()}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
