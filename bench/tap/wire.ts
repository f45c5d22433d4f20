/**
 * A wire on which a capture of HTTP passes by at a given rate: a veth pair between two namespaces, tcpreplay (Debian's) at one end. What comes
 * out at the other end nobody answers; it is there to be listened to.
 */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import { debianPackages } from "../../provision/debian.ts";
import { findProgram } from "../../provision/find-program.ts";
import { run } from "../../provision/run.ts";

/** The name of both ends. */
export const END = "eth0";
const SERVER_PORT = 8080;
const CLIENT = [10, 0, 0, 1];
const SERVER = [10, 9, 0, 1];
const CLIENT_MAC = [2, 0, 0, 0, 0, 1];
const SERVER_MAC = [2, 0, 0, 0, 0, 2];

export interface Passed {
  readonly gigabits: number;
  readonly packets: number;
}

export interface Wire {
  /** The namespace of the end to listen at. */
  readonly space: string;
  /** Sends the capture so many times, each time between other addresses; resolves with what passed in a second. */
  send(megabits: number, times: number): Promise<Passed>;
  remove(): Promise<void>;
}

/** Why there can be no wire, undefined where there can. */
export function whyNoWire(): string | undefined {
  return process.getuid?.() === 0 && findProgram("ip") ? undefined : "making namespaces needs root and ip";
}

/** @param capture HTTP of one client and one server on the loopback interface */
export async function makeWire(capture: Buffer, folder: string): Promise<Wire> {
  const { root, libraryPath } = await debianPackages("tcpreplay", ["tcpreplay"]);
  const env = { ...process.env, LD_LIBRARY_PATH: libraryPath };
  const file = join(folder, "passing.pcap");
  await writeFile(file, betweenTwo(capture));
  const own = `sl${process.pid.toString(36)}`;
  const [sending, space] = [`${own}a`, `${own}b`];
  const remove = async (): Promise<void> => {
    for (const name of [sending, space]) await run("ip", ["netns", "del", name]).catch(() => undefined);
  };
  try {
    for (const name of [sending, space]) await run("ip", ["netns", "add", name]);
    // Packets of the loopback interface are longer than those of a network.
    const end = (name: string) => ["name", END, "netns", name, "mtu", "65535"];
    await run("ip", ["link", "add", ...end(sending), "type", "veth", "peer", ...end(space)]);
    for (const name of [sending, space]) await run("ip", ["-n", name, "link", "set", END, "up"]);
  } catch (error) {
    await remove();
    throw error;
  }
  const send = async (megabits: number, times: number): Promise<Passed> => {
    const how = ["-K", "-i", END, "--loop", String(times), "--unique-ip", "--mbps", String(megabits), file];
    const words = await run("ip", ["netns", "exec", sending, join(root, "usr/bin/tcpreplay"), ...how], { env });
    const [, rate, packets] = /Rated: .* Bps, ([\d.]+) Mbps, ([\d.]+) pps/.exec(words) ?? [];
    if (!rate || !packets) throw new Error(`tcpreplay did not say how fast it was: ${words}`);
    return { gigabits: Number(rate) / 1000, packets: Number(packets) };
  };
  return { space, send, remove };
}

/** The same capture (pcap, little-endian, Ethernet) with an address for each end, which on the loopback interface have one. */
function betweenTwo(capture: Buffer): Buffer {
  const bytes = Buffer.from(capture);
  for (let at = 24; at < bytes.length; at += 16 + bytes.readUInt32LE(at + 8)) {
    const frame = at + 16;
    const packet = frame + 14;
    const isAnswer = bytes.readUInt16BE(packet + (bytes[packet]! & 15) * 4) === SERVER_PORT;
    bytes.set(isAnswer ? [...CLIENT_MAC, ...SERVER_MAC] : [...SERVER_MAC, ...CLIENT_MAC], frame);
    bytes.set(isAnswer ? [...SERVER, ...CLIENT] : [...CLIENT, ...SERVER], packet + 12);
  }
  return bytes;
}
