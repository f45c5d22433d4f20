/** Ways to ask a process whether it is ready, all past the sidecars, so that no count is blurred. */
import { connect } from "node:net";

const patienceMs = 2_000;

export interface Question {
  readonly address: string;
  readonly port: number;
  /** What to say after connecting; nothing if the server speaks first. */
  readonly say?: string | Buffer;
  /** What the answer must begin with; any answer will do if not given. */
  readonly expect?: string;
}

/** Whether a TCP server gives the expected answer. */
export function answers({ address, port, say, expect = "" }: Question): Promise<boolean> {
  return new Promise((done) => {
    const socket = connect(port, address);
    const finish = (ready: boolean) => {
      socket.destroy();
      done(ready);
    };
    socket.setTimeout(patienceMs, () => finish(false));
    socket.once("connect", () => {
      if (say !== undefined) socket.write(say);
    });
    socket.once("data", (data) => finish(data.toString("latin1").startsWith(expect)));
    socket.once("error", () => finish(false));
    socket.once("close", () => finish(false));
  });
}

/** Whether a GET is answered with 200. */
export async function isOk(url: string): Promise<boolean> {
  const response = await fetch(url, { signal: AbortSignal.timeout(patienceMs) }).catch(() => undefined);
  await response?.body?.cancel();
  return response?.status === 200;
}
