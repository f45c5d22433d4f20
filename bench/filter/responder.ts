/** The workload behind the proxy, in a process of its own: cheap, so that the cores are left to what is measured. */
import type { AddressInfo, Server } from "node:net";

import { http1Responder } from "./http1.ts";
import { http2Responder } from "./http2.ts";
import { BODY_BYTES } from "./requests.ts";

/** What it listens for, and where. */
export type Ports = Record<"http1-small" | "http1-large" | "http2-small" | "http2-large" | "grpc-small", number>;

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

const ports: Ports = {
  "http1-small": await listen(http1Responder(BODY_BYTES.small)),
  "http1-large": await listen(http1Responder(BODY_BYTES.large)),
  "http2-small": await listen(http2Responder(BODY_BYTES.small, "http2")),
  "http2-large": await listen(http2Responder(BODY_BYTES.large, "http2")),
  "grpc-small": await listen(http2Responder(BODY_BYTES.small, "grpc")),
};
process.on("disconnect", () => process.exit());
process.send?.(ports);
