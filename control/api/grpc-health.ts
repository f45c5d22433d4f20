import type { Server } from "@grpc/grpc-js";
import { HealthImplementation } from "grpc-health-check";

/** What grpc.health.v1.Health can be asked about; the empty name means the server as a whole. */
const names = ["", "sidelight.v1.Stats", "sidelight.v1.Alerts", "sidelight.v1.Ingest"] as const;

export interface ServingState {
  /** Says of all services whether they serve; whoever watches is told. */
  setServing(serving: boolean): void;
}

/**
 * Adds grpc.health.v1.Health. All services answer NOT_SERVING until `setServing(true)`.
 * Protocol: https://github.com/grpc/grpc/blob/master/doc/health-checking.md
 */
export function addHealthService(server: Server): ServingState {
  const health = new HealthImplementation(Object.fromEntries(names.map((name) => [name, "NOT_SERVING"])));
  health.addToServer(server);
  return {
    setServing(serving) {
      for (const name of names) health.setStatus(name, serving ? "SERVING" : "NOT_SERVING");
    },
  };
}
