/**
 * What the filter takes at a thousand edges. Envoy does not tell a module's memory, so the module runs on the tests'
 * scripted host for that; what a whole Envoy takes more is told by real ones.
 */
import { readFileSync } from "node:fs";

import { startEnvoy } from "../../tests/envoy.ts";
import { Sidecar } from "../../tests/wasm-filter/sidecar.ts";
import type { Figure } from "../harness.ts";
import { atMost, measured } from "../harness.ts";
import { interleaved } from "../rounds.ts";
import { difference, medianOf } from "../statistics.ts";
import { benchBootstrap } from "./bootstrap.ts";
import { Http1Client } from "./http1.ts";
import { load } from "./load.ts";
import { requests } from "./requests.ts";
import type { Surroundings } from "./surroundings.ts";
import type { Variant } from "./variants.ts";

export const MEMORY = "memory";

const EDGES = 1000;
const GUEST_GOAL_MIB = 1;
/** Requests over each edge, to as many endpoints. */
const ENDPOINTS = 12;
/** Envoys of each variant. */
const ROUNDS = 3;

export async function memoryFigures(around: Surroundings, say: (line: string) => void): Promise<Figure[]> {
  say(`memory at ${EDGES} edges`);
  const variants: readonly Variant[] = ["none", "empty filter", "Sidelight filter", "gRPC access log"];
  const resident = await interleaved(variants, ROUNDS, async (variant) => {
    const mib = await residentMib(variant, around);
    say(`  ${variant.padEnd(24)}${mib.toFixed(1)} MiB`);
    return [mib];
  });
  const more = variants.slice(1).map((variant) => {
    const added = difference(resident.get(variant) ?? [], resident.get("none") ?? []);
    return measured(`memory of Envoy at ${EDGES} edges, ${variant} adds`, medianOf(added), "MiB");
  });
  return [...guestFigures(), ...more];
}

/** The module's own memory after requests of a thousand clients, and how many of them it still tells apart. */
function guestFigures(): Figure[] {
  const { memoryBytes, toldApart } = guestAfter(ENDPOINTS);
  return [
    atMost(`guest memory at ${EDGES} edges`, memoryBytes / 2 ** 20, GUEST_GOAL_MIB, "MiB"),
    measured(`of ${EDGES} edges with one endpoint, told apart`, guestAfter(1).toldApart, ""),
    measured(`of ${EDGES} edges with ${ENDPOINTS} endpoints, told apart`, toldApart, ""),
  ];
}

function guestAfter(endpoints: number): { memoryBytes: number; toldApart: number } {
  const sidecar = new Sidecar({ side: "inbound" });
  for (let edge = 0; edge < EDGES; edge++) {
    for (let n = 0; n < endpoints; n++) {
      sidecar.request({ source: `10.1.${edge >> 8}.${edge & 255}:40000`, path: `/endpoint-${"abcdefghijkl"[n]}` });
    }
  }
  sidecar.settle();
  const peers = new Set([...sidecar.totals.keys()].map((key) => key.split(" ")[1]));
  peers.delete("~other");
  return { memoryBytes: sidecar.host.memoryBytes, toldApart: peers.size };
}

/** Resident memory of an Envoy with one worker after requests of a thousand clients, in MiB. */
async function residentMib(variant: Variant, around: Surroundings): Promise<number> {
  const { emptyFilter, receiverPorts: receivers } = around;
  const kind = { side: "inbound", protocol: "http1", variants: [variant], app: around.ports["http1-small"] } as const;
  const envoy = await startEnvoy(benchBootstrap({ ...kind, emptyFilter, receivers }));
  try {
    const list = requests("small", "inbound");
    for (let edge = 0; edge < EDGES; edge++) {
      const client = await Http1Client.connect(envoy.port(variant), `127.1.${edge >> 7}.${1 + (edge & 127)}`, list);
      await load([client], { requests: ENDPOINTS });
      client.close();
    }
    const receiver = around.receiverOf(variant);
    receiver?.expect(EDGES * ENDPOINTS);
    await receiver?.arrived();
    return residentKib(envoy.pid) / 1024;
  } finally {
    await envoy.stop();
  }
}

function residentKib(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "latin1"))?.[1]);
}
