/** HTTP/1.1 on bare sockets: as little work around each request as there can be, since both ends share the cores. */
import { createServer, connect } from "node:net";
import type { Server, Socket } from "node:net";

import type { Client } from "./load.ts";
import { answerStatus } from "./answers.ts";
import type { Request } from "./requests.ts";

const HEAD_END = "\r\n\r\n";

/** One connection of the load. It expects every response to state its content-length. */
export class Http1Client implements Client {
  readonly slots = 1;
  readonly #socket: Socket;
  readonly #requests: readonly Buffer[];
  #onAnswer: (slot: number) => void = () => undefined;
  /** A head that has not come whole, and bytes of the body that are still to come. */
  #head: Buffer = Buffer.alloc(0);
  #left = 0;

  private constructor(socket: Socket, requests: readonly Request[]) {
    this.#socket = socket;
    this.#requests = requests.map(encode);
    socket.on("data", (chunk: Buffer) => this.#take(chunk));
  }

  static async connect(port: number, localAddress: string, requests: readonly Request[]): Promise<Http1Client> {
    const socket = connect({ host: "127.0.0.1", port, localAddress, noDelay: true });
    await new Promise<void>((resolve, reject) => socket.once("connect", resolve).once("error", reject));
    return new Http1Client(socket, requests);
  }

  onAnswer(listener: (slot: number) => void): void {
    this.#onAnswer = listener;
  }

  send(_slot: number, index: number): void {
    this.#socket.write(this.#requests[index % this.#requests.length] as Buffer);
  }

  close(): void {
    this.#socket.destroy();
  }

  #take(chunk: Buffer): void {
    if (this.#left === 0) {
      const bytes = this.#head.length > 0 ? Buffer.concat([this.#head, chunk]) : chunk;
      const end = bytes.indexOf(HEAD_END);
      if (end < 0) {
        this.#head = bytes;
        return;
      }
      this.#head = Buffer.alloc(0);
      this.#left = bodyBytes(bytes.toString("latin1", 0, end)) - (bytes.length - end - HEAD_END.length);
    } else {
      this.#left -= chunk.length;
    }
    if (this.#left === 0) this.#onAnswer(0);
  }
}

function encode({ method, path, authority, headers }: Request): Buffer {
  const lines = [["host", authority] as const, ...headers].map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.from(`${method} ${path} HTTP/1.1\r\n${lines.join("")}\r\n`, "latin1");
}

function bodyBytes(head: string): number {
  const stated = /\r\ncontent-length: (\d+)/i.exec(head)?.[1];
  if (stated === undefined) throw new Error(`Reading a response without content-length: ${head}`);
  return Number(stated);
}

/** Answers every request with a body of so many bytes. Requests have none. */
export function http1Responder(bodySize: number): Server {
  const body = "x".repeat(bodySize);
  const response = (status: number) =>
    Buffer.from(
      `HTTP/1.1 ${status} X\r\ncontent-type: application/json\r\netag: "5f8d0d55"\r\nvary: accept-encoding\r\n` +
        `content-length: ${bodySize}\r\n\r\n${body}`,
      "latin1",
    );
  const responses = new Map([200, 404, 500].map((status) => [status, response(status)]));
  let answered = 0;
  return createServer({ noDelay: true }, (socket) => {
    let tail = "";
    socket.on("error", () => socket.destroy());
    socket.on("data", (chunk: Buffer) => {
      const text = tail + chunk.toString("latin1");
      let from = 0;
      for (let end = text.indexOf(HEAD_END); end >= 0; end = text.indexOf(HEAD_END, from)) {
        from = end + HEAD_END.length;
        socket.write(responses.get(answerStatus(++answered)) as Buffer);
      }
      tail = text.slice(from);
    });
  });
}
