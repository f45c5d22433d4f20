import { createServer } from "node:net";
import type { Server } from "node:net";

/** Listens on an address; undefined if that is taken. Port 0 takes any that is free. */
export function tryListen(address: string, port: number): Promise<Server | undefined> {
  return new Promise((done, fail) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EADDRINUSE" || error.code === "EACCES") done(undefined);
      else fail(new Error(`Listening on ${address}:${port}`, { cause: error }));
    });
    server.listen({ host: address, port, exclusive: true }, () => done(server));
  });
}

/** The preferred port of an address if it is free there, else one that is. */
export async function freePort(address: string, preferred = 0): Promise<number> {
  const server = (await tryListen(address, preferred)) ?? (await tryListen(address, 0));
  const bound = server?.address();
  if (!server || !bound || typeof bound === "string") throw new Error(`No port of ${address} is free`);
  await new Promise((done) => server.close(done));
  return bound.port;
}
