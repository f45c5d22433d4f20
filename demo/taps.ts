/** The taps of the demo, one a node, as a DaemonSet has it: they hear what the stores are asked, which no sidecar tells apart. */
import { readFile } from "node:fs/promises";
import { findProgram } from "../provision/find-program.ts";
import { CannotCaptureError, tryCapture } from "../tap/tcpdump.ts";
import type { PodPlace, Topology } from "./topology.ts";

/** Everything of the demo is on the loopback, which a tap leaves out unless it is named. */
export const INTERFACE = "lo";
/** Room in the kernel for what waits to be read: a second of far more than the demo moves. */
export const BUFFER_MB = 8;
/** Bit of the effective capabilities in /proc/self/status. */
const CAP_NET_RAW = 13n;

/** What a tap says when it has begun (tap/live-capture.ts). */
export const CAPTURES = "tap: captures on";

/** A node, and the addresses of the pods on it. */
export interface TappedNode {
  readonly node: string;
  readonly addresses: readonly string[];
}

export function tappedNodes({ services, stores }: Topology): TappedNode[] {
  const places: readonly (PodPlace & { readonly address: string })[] = [...services, ...stores];
  return [...new Set(places.map(({ node }) => node))].map((node) => ({
    node,
    addresses: places.filter((place) => place.node === node).map(({ address }) => address),
  }));
}

/** What passes a node: what its pods exchange with others. What a pod says to its own sidecar has the loopback's own address. */
export function nodeFilter({ addresses }: TappedNode): string {
  return `not host 127.0.0.1 and (${addresses.map((address) => `host ${address}`).join(" or ")})`;
}

/** Tries whether packets can be captured here. @returns why not, in a few words; undefined where they can */
export async function whyNoCapture(): Promise<string | undefined> {
  // One that was given rights of its own could; one out of a package has none.
  if (!findProgram("tcpdump") && !(await mayCapture())) return "capturing needs root or CAP_NET_RAW";
  try {
    await tryCapture({ interfaces: [INTERFACE], filter: "", bufferMb: 1 });
    return undefined;
  } catch (error) {
    if (error instanceof CannotCaptureError) return error.message.charAt(0).toLowerCase() + error.message.slice(1);
    throw error;
  }
}

async function mayCapture(): Promise<boolean> {
  const status = await readFile("/proc/self/status", "utf8");
  const effective = BigInt(`0x${/^CapEff:\s+([0-9a-f]+)$/m.exec(status)?.[1] ?? "0"}`);
  return ((effective >> CAP_NET_RAW) & 1n) === 1n;
}
