/** The kinds of traffic that are measured, the most telling first. */
import type { Parts } from "./bootstrap.ts";
import type { Side, Size } from "./requests.ts";
import { VARIANTS } from "./variants.ts";
import type { Variant } from "./variants.ts";

export interface Scenario {
  /** For `--only`. */
  readonly name: string;
  /** For people. */
  readonly title: string;
  readonly protocol: Parts["protocol"];
  readonly size: Size;
  readonly side: Side;
  readonly workers: number;
  readonly variants: readonly Variant[];
  /** Fresh Envoys. */
  readonly rounds: number;
  /** In each round, of each variant: slices and their requests, those of the long turn and those before it all. */
  readonly slices: number;
  readonly sliceRequests: number;
  readonly turnRequests: number;
  readonly warmUp: number;
  /** Requests a second; as many as there can be where there is none. */
  readonly rate?: number;
}

const MAIN: readonly Variant[] = ["none", "empty filter", "Sidelight filter", "gRPC access log"];
const HTTP1: Omit<Scenario, "name"> = {
  ...{ title: "small HTTP/1.1, inbound", protocol: "http1", size: "small", side: "inbound", workers: 1 },
  ...{ rounds: 6, slices: 20, sliceRequests: 1000, turnRequests: 8000, warmUp: 4000, variants: MAIN },
};

export const SCENARIOS: readonly Scenario[] = [
  { ...HTTP1, name: "http1", variants: VARIANTS },
  { ...HTTP1, name: "outbound", title: "small HTTP/1.1, outbound", side: "outbound" },
  {
    ...{ ...HTTP1, name: "large", title: "large HTTP/1.1, inbound", size: "large" },
    ...{ sliceRequests: 400, turnRequests: 4000 },
  },
  { ...HTTP1, name: "http2", title: "small HTTP/2, inbound", protocol: "http2" },
  { ...HTTP1, name: "grpc", title: "gRPC, inbound", protocol: "grpc" },
  { ...HTTP1, name: "workers2", title: "small HTTP/1.1, inbound, 2 workers", workers: 2 },
  { ...HTTP1, name: "workers4", title: "small HTTP/1.1, inbound, 4 workers", workers: 4 },
  {
    ...{ ...HTTP1, name: "rate500", title: "small HTTP/1.1, inbound, 500/s", rate: 500 },
    // Reports come as often as slices would end, so that there can be none.
    ...{ rounds: 5, slices: 0, turnRequests: 2000 },
    variants: ["none", "Sidelight filter", "gRPC access log"],
  },
];
