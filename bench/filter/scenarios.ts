/** The kinds of traffic that are measured, the most telling first. */
import { availableParallelism } from "node:os";

import type { Parts, Variant } from "./bootstrap.ts";
import { VARIANTS } from "./bootstrap.ts";
import type { Side, Size } from "./requests.ts";

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
  /** Requests of one variant's turn. */
  readonly requests: number;
  readonly rounds: number;
}

const BASE = { protocol: "http1", size: "small", side: "inbound", workers: 1, requests: 8000, rounds: 9 } as const;

export const SCENARIOS: readonly Scenario[] = [
  { ...BASE, name: "http1", title: "small HTTP/1.1, inbound", variants: VARIANTS },
];

/** Those that this machine has cores for. */
export function runnable(scenario: Scenario): boolean {
  return scenario.workers <= availableParallelism();
}
