/** A local server in the place of a receiver's, that answers as it is told and keeps what it got. */
import { createServer } from "node:http";
import type { IncomingHttpHeaders, ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { text } from "node:stream/consumers";

export interface Got {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** What it does with a request that has come in whole. */
export type Reaction = (response: ServerResponse, socket: Socket, got: Got) => void;

/** Answers with a status and perhaps more. */
export function answer(status: number, body = "", headers: Record<string, string> = {}): Reaction {
  return (response) => void response.writeHead(status, headers).end(body);
}

/** Never answers. */
export const hang: Reaction = () => {};
/** Answers the head, and never the rest. */
export const drip: Reaction = (response) => void response.writeHead(200, { "content-length": "100" }).write("o");
/** Ends the connection where an answer is due. */
export const closeConnection: Reaction = (_, socket) => void socket.destroy();
/** Answers what is not HTTP. */
export const nonsense: Reaction = (_, socket) => void socket.end("this is not HTTP\r\n\r\n");

export class ReceiverServer {
  readonly got: Got[] = [];
  reaction: Reaction;

  private constructor(
    readonly url: string,
    reaction: Reaction,
    /** Ends it with all its connections. */
    readonly stop: () => void,
  ) {
    this.reaction = reaction;
  }

  static async start(reaction: Reaction): Promise<ReceiverServer> {
    const server = createServer((request, response) => {
      void text(request).then((body) => {
        const { method = "", url: path = "", headers } = request;
        const got = { method, path, headers, body };
        self.got.push(got);
        self.reaction(response, request.socket, got);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const stop = (): void => {
      server.closeAllConnections();
      server.close();
    };
    const self = new ReceiverServer(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, reaction, stop);
    return self;
  }

  /** The bodies, read as JSON. */
  bodies<T>(): T[] {
    return this.got.map(({ body }) => JSON.parse(body) as T);
  }
}
