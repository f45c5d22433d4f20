/** A real SMTP server on loopback that keeps what it takes, and one that only pretends to be one. */
import { createServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";
import { SMTPServer } from "smtp-server";
import type { SMTPServerOptions } from "smtp-server";

export interface Mail {
  readonly from: string;
  readonly to: readonly string[];
  /** As it came over the wire. */
  readonly raw: string;
  /** By lower-case name, unfolded. */
  readonly headers: Readonly<Record<string, string>>;
  /** Text and HTML, decoded. */
  readonly parts: readonly string[];
}

export class MailServer {
  private constructor(
    readonly port: number,
    readonly mails: Mail[],
    readonly stop: () => Promise<void>,
  ) {}

  static async start(options: SMTPServerOptions = {}): Promise<MailServer> {
    const mails: Mail[] = [];
    const server = new SMTPServer({
      authOptional: true,
      disabledCommands: ["STARTTLS"],
      allowInsecureAuth: true,
      onData(stream, session, done) {
        const chunks: Buffer[] = [];
        stream.on("data", (chunk: Buffer) => chunks.push(chunk));
        stream.on("end", () => {
          const { mailFrom, rcptTo } = session.envelope;
          const to = rcptTo.map(({ address }) => address);
          mails.push(mailOf(mailFrom ? mailFrom.address : "", to, Buffer.concat(chunks).toString("utf8")));
          done();
        });
      },
      ...options,
    });
    // What a client breaks off is told as an error, and is none of a test.
    server.on("error", () => {});
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
    const { port } = server.server.address() as AddressInfo;
    const stop = (): Promise<void> => new Promise((resolve) => server.close(() => resolve()));
    return new MailServer(port, mails, stop);
  }
}

/** Says what it is told to, a line for each line it hears; nothing more where it has no more to say. */
export async function scriptedServer(
  greeting: string,
  react: (line: string, socket: Socket) => string | undefined,
): Promise<{ readonly port: number; readonly stop: () => void }> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.on("error", () => {}));
    let isInMail = false;
    if (greeting !== "") socket.write(greeting);
    socket.on("data", (data) => {
      for (const line of data
        .toString()
        .split("\r\n")
        .filter((text) => text !== "")) {
        if (isInMail && line !== ".") continue;
        const reply = react(line, socket);
        isInMail = reply?.startsWith("354") ?? false;
        if (reply !== undefined && !socket.destroyed) socket.write(`${reply}\r\n`);
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const stop = (): void => {
    for (const socket of sockets) socket.destroy();
    server.close();
  };
  return { port: (server.address() as AddressInfo).port, stop };
}

function mailOf(from: string, to: readonly string[], raw: string): Mail {
  const at = raw.indexOf("\r\n\r\n");
  const head = raw.slice(0, at).replace(/\r\n[ \t]+/g, " ");
  const headers = Object.fromEntries(
    head
      .split("\r\n")
      .map((line) => [line.slice(0, line.indexOf(":")).toLowerCase(), line.slice(line.indexOf(":") + 2)]),
  );
  const boundary = /boundary="([^"]+)"/.exec(headers["content-type"] ?? "")?.[1] ?? "";
  return { from, to, raw, headers, parts: raw.split(`--${boundary}`).slice(1, -1).map(decoded) };
}

function decoded(part: string): string {
  const at = part.indexOf("\r\n\r\n");
  const body = part.slice(at + 4);
  const [head, isBase64] = [part.slice(0, at), /transfer-encoding: base64/i.test(part.slice(0, at))];
  if (isBase64) return Buffer.from(body, "base64").toString("utf8");
  if (!/quoted-printable/i.test(head)) return body;
  const bytes = body
    .replace(/=\r\n/g, "")
    .replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
  return Buffer.from(bytes, "latin1").toString("utf8");
}
