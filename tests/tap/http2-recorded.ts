/** What a real client and a real server of HTTP/2 say to each other, as a connection of a capture. */
import { createServer as createHttp2Server, connect as connectHttp2 } from "node:http2";
import type { ClientHttp2Session, ServerHttp2Stream, IncomingHttpHeaders } from "node:http2";
import { connect, createServer } from "node:net";
import type { AddressInfo, Server, Socket } from "node:net";

import { Connection } from "./packets.ts";

type Answer = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => void;

/** Records one connection: `answer` is the server, `ask` the client. */
export async function recorded(
  answer: Answer,
  ask: (session: ClientHttp2Session) => Promise<void>,
): Promise<Connection> {
  const server = createHttp2Server();
  server.on("stream", answer);
  const serverPort = await listening(server);
  const connection = new Connection().open();
  const relay = createServer((client) => {
    const upstream = connect(serverPort, "127.0.0.1");
    record(client, upstream, (bytes) => connection.client(bytes));
    record(upstream, client, (bytes) => connection.server(bytes));
  });
  const session = connectHttp2(`http://127.0.0.1:${await listening(relay)}`);
  try {
    await ask(session);
  } finally {
    session.close();
    await new Promise((resolve) => relay.close(resolve));
    server.close();
  }
  return connection.close();
}

/** Copies what one socket sends to another, and tells it in segments. */
function record(from: Socket, to: Socket, tell: (bytes: Buffer) => void): void {
  from.on("data", (bytes: Buffer) => {
    for (let at = 0; at < bytes.length; at += 1400) tell(Buffer.from(bytes.subarray(at, at + 1400)));
    to.write(bytes);
  });
  from.on("end", () => to.end());
  from.on("error", () => to.destroy());
}

function listening(server: Server): Promise<number> {
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => resolve((server.address() as AddressInfo).port));
  });
}
