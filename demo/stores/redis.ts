import { join } from "node:path";
import { debianPackages } from "../../provision/debian.ts";
import { answers } from "../ready.ts";
import type { PrepareStore } from "./store.ts";

/** Debian's Redis, in memory only. */
export const prepareRedis: PrepareStore = async (step) => {
  step.note("Debian's redis-server");
  const { root, libraryPath } = await debianPackages("redis", ["redis-server"]);
  return {
    parts: ({ name, address, port, folder }) => {
      const listen = ["--bind", address, "--port", String(port), "--dir", folder];
      const ephemeral = ["--save", "", "--appendonly", "no", "--maxmemory", "64mb"];
      return Promise.resolve([
        {
          name,
          command: join(root, "usr", "bin", "redis-server"),
          args: [...listen, ...ephemeral, "--maxmemory-policy", "allkeys-lru", "--protected-mode", "no"],
          env: { LD_LIBRARY_PATH: libraryPath },
          cwd: folder,
          isReady: () => answers({ address, port, say: "PING\r\n", expect: "+PONG" }),
        },
      ]);
    },
  };
};
