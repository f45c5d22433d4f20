/**
 * Both ends of opaque TCP whose bytes are known to the last one: a server that answers a question with as many bytes as it
 * asks for, and its clients.
 */
import { once } from "node:events";
import net from "node:net";

import { until } from "./traffic.ts";

/** Bytes of a question; its first four say how many the answer has. */
const QUESTION = 100;

/** Answers each question with as many bytes as it asks for. */
export function answer(socket: net.Socket): void {
  let pending = Buffer.alloc(0);
  socket.on("error", () => {});
  socket.on("data", (chunk) => {
    pending = Buffer.concat([pending, chunk]);
    for (; pending.length >= QUESTION; pending = pending.subarray(QUESTION)) {
      socket.write(Buffer.alloc(pending.readUInt32BE(), "a"));
    }
  });
}

/** Listens on a free port of the loopback. */
export async function serve(take: (socket: net.Socket) => void): Promise<net.Server> {
  const server = net.createServer(take).listen(0, "127.0.0.1");
  await once(server, "listening");
  return server;
}

export function portOf(server: net.Server): number {
  return (server.address() as net.AddressInfo).port;
}

/** A client of one listener, and what it sent and got. */
export class Client {
  sent = 0;
  got = 0;
  private readonly socket: net.Socket;
  private readonly ended: Promise<void>;

  constructor(port: number) {
    this.socket = net.connect(port, "127.0.0.1");
    this.socket.on("error", () => {}).on("data", ({ length }) => (this.got += length));
    this.ended = new Promise((resolve) => this.socket.on("close", () => resolve()));
  }

  /** Asks for so many bytes and waits until they are there. */
  async ask(bytes: number): Promise<void> {
    const wanted = this.got + bytes;
    const question = Buffer.alloc(QUESTION);
    question.writeUInt32BE(bytes);
    this.socket.write(question);
    this.sent += QUESTION;
    await until(
      () => this.got >= wanted,
      () => `${this.got} of ${wanted} bytes`,
    );
  }

  /** Sends without an answer to come, and waits until the other side has closed. */
  async sendAndWait(): Promise<void> {
    this.socket.write("x");
    await this.ended;
  }

  /** Waits until the other side has closed. */
  async closed(): Promise<void> {
    await this.ended;
  }

  async close(): Promise<void> {
    this.socket.end();
    await this.ended;
  }
}
