/**
 * Real HTTP between network namespaces, over a bridge, through translated addresses and from node to node in a tunnel, captured on all interfaces of
 * a node: the counts are those of the client. It makes namespaces, so it needs root, ip and nft, and is skipped by name where they are not there.
 */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";

import { suite } from "uvu";
import * as assert from "uvu/assert";

import { projectRoot } from "../../provision/build.ts";
import { findProgram } from "../../provision/find-program.ts";
import { run } from "../../provision/run.ts";
import type { EdgeFigures, TapDocument } from "../../tap/document.ts";
import { loud } from "../loud.ts";

const test = suite<{ servers: ChildProcess[] }>("the tap on all interfaces");

/** Two nodes and the pods on them, each a namespace whose name no other run has. What is in them is nobody else's. */
const own = `sl${process.pid.toString(36)}`;
const spaces = { node: `${own}n`, farNode: `${own}m`, client: `${own}c`, server: `${own}s`, farServer: `${own}f` };
const addresses = { client: "10.1.0.2", server: "10.1.0.3", farServer: "10.2.0.2", service: "10.251.0.9" };
const PORT = 8080;

const canMake = process.getuid?.() === 0 && findProgram("ip") !== undefined && findProgram("nft") !== undefined;
if (!canMake) process.stdout.write("skipped: making namespaces needs root, ip and nft\n");
const scenario = (name: string, work: Parameters<typeof test>[1]): void =>
  canMake ? test(name, work) : test.skip(name, work);

const SERVE = `require("node:http").createServer((_, answer) => answer.end("ok"))
  .listen(${PORT}, () => console.log("listening"))`;
const ASK = `(async () => { const [url, times] = process.argv.slice(-2);
  for (let i = 0; i < Number(times); i++) { const answer = await fetch(url); await answer.text(); if (!answer.ok) process.exit(1); } })()`;

const ip = (...words: string[]): Promise<unknown> => run("ip", words);

/** A node with a bridge for its pods. */
async function makeNode(space: string, gateway: string): Promise<void> {
  await ip("netns", "add", space);
  await ip("-n", space, "link", "set", "lo", "up");
  await ip("-n", space, "link", "add", "bridge", "type", "bridge");
  await ip("-n", space, "addr", "add", `${gateway}/24`, "dev", "bridge");
  await ip("-n", space, "link", "set", "bridge", "up");
  await ip("netns", "exec", space, "sh", "-c", "echo 1 > /proc/sys/net/ipv4/ip_forward");
}

async function makePod(space: string, { node, address }: { node: string; address: string }): Promise<void> {
  const outer = `${space}v`;
  await ip("netns", "add", space);
  await ip("link", "add", outer, "netns", node, "type", "veth", "peer", "name", "eth0", "netns", space);
  await ip("-n", node, "link", "set", outer, "master", "bridge", "up");
  await ip("-n", space, "link", "set", "eth0", "up");
  await ip("-n", space, "addr", "add", `${address}/24`, "dev", "eth0");
  await ip("-n", space, "route", "add", "default", "via", address.replace(/\d+$/, "1"));
}

/** Lets the pods of two nodes reach each other in VXLAN, as flannel does. */
async function makeTunnel(): Promise<void> {
  const ends = [
    {
      space: spaces.node,
      self: "192.168.9.1",
      other: "192.168.9.2",
      inner: "10.9.0.1",
      pods: "10.2.0.0/24",
      via: "10.9.0.2",
    },
    {
      space: spaces.farNode,
      self: "192.168.9.2",
      other: "192.168.9.1",
      inner: "10.9.0.2",
      pods: "10.1.0.0/24",
      via: "10.9.0.1",
    },
  ];
  await ip(
    "link",
    "add",
    "wire",
    "netns",
    spaces.node,
    "type",
    "veth",
    "peer",
    "name",
    "wire",
    "netns",
    spaces.farNode,
  );
  for (const { space, self, other, inner, pods, via } of ends) {
    await ip("-n", space, "link", "set", "wire", "up");
    await ip("-n", space, "addr", "add", `${self}/24`, "dev", "wire");
    const tunnel = ["id", "42", "dstport", "4789", "local", self, "remote", other, "dev", "wire"];
    await ip("-n", space, "link", "add", "tunnel", "type", "vxlan", ...tunnel);
    await ip("-n", space, "addr", "add", `${inner}/24`, "dev", "tunnel");
    await ip("-n", space, "link", "set", "tunnel", "up");
    await ip("-n", space, "route", "add", pods, "via", via);
  }
}

async function makeNetwork(): Promise<void> {
  await makeNode(spaces.node, "10.1.0.1");
  await makeNode(spaces.farNode, "10.2.0.1");
  await makePod(spaces.client, { node: spaces.node, address: addresses.client });
  await makePod(spaces.server, { node: spaces.node, address: addresses.server });
  await makePod(spaces.farServer, { node: spaces.farNode, address: addresses.farServer });
  await makeTunnel();
  const rules = `table ip nat {
    chain to { type nat hook prerouting priority -100; ip daddr ${addresses.service} tcp dport 80 dnat to ${addresses.server}:${PORT}; }
    chain from { type nat hook postrouting priority 100; ip daddr ${addresses.server} ct status dnat masquerade; }
  }`;
  await run("ip", ["netns", "exec", spaces.node, "nft", "-f", "-"], { input: rules });
}

/** What is in a namespace goes with it. */
async function removeNetwork(): Promise<void> {
  for (const space of Object.values(spaces)) await ip("netns", "del", space).catch(() => undefined);
}

function nodeIn(space: string, script: string, ...args: string[]): ChildProcess {
  const stdio: ["ignore", "pipe", "inherit"] = ["ignore", "pipe", "inherit"];
  return spawn("ip", ["netns", "exec", space, process.execPath, "-e", script, "--", ...args], { stdio });
}

async function ask(url: string, times: number): Promise<void> {
  const [code] = (await once(nodeIn(spaces.client, ASK, url, String(times)), "exit")) as [number | null];
  assert.is(code, 0, `asking ${url} failed`);
}

/** What a live tap on the first node sees while something is done. */
async function tapped(work: () => Promise<void>): Promise<TapDocument> {
  const args = [process.execPath, "--import", "tsx", "tap/main.ts", "--live", "--json"];
  const tap = spawn("ip", ["netns", "exec", spaces.node, ...args], {
    cwd: projectRoot,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  let words = "";
  tap.stdout.on("data", (bytes: Buffer) => (output += bytes.toString()));
  await new Promise<void>((resolve, reject) => {
    tap.stderr.on("data", (bytes: Buffer) => {
      words += bytes.toString();
      if (words.includes("captures on any")) resolve();
    });
    tap.once("exit", () => reject(new Error(`The tap ended: ${words}`)));
  });
  await work();
  tap.kill("SIGINT");
  await once(tap, "close");
  return JSON.parse(output) as TapDocument;
}

const figures = ({ client, server, protocol, requests, retransmissions }: EdgeFigures) =>
  protocol === "tcp" ? { client, server, protocol, retransmissions } : { client, server, protocol, requests };

test.before(
  loud(async (context) => {
    if (!canMake) return;
    await makeNetwork();
    context.servers = [spaces.server, spaces.farServer].map((space) => nodeIn(space, SERVE));
    for (const { stdout } of context.servers) await once(stdout!, "data");
  }),
);

test.after(async ({ servers = [] }) => {
  for (const server of servers) server.kill("SIGKILL");
  if (canMake) await removeNetwork();
});

for (const [title, server, url] of [
  ["from pod to pod over a bridge", addresses.server, `http://${addresses.server}:${PORT}/a`],
  ["through a Service's address, masqueraded: the pods are named", addresses.server, `http://${addresses.service}/a`],
  ["to a pod on another node, in a tunnel", addresses.farServer, `http://${addresses.farServer}:${PORT}/a`],
] as const) {
  scenario(title, async () => {
    const { edges, losses } = await tapped(() => ask(url, 50));
    const edge = { client: addresses.client, server: `${server}:${PORT}` };
    assert.equal(edges.map(figures), [
      { ...edge, protocol: "tcp", retransmissions: 0 },
      { ...edge, protocol: "http", requests: 50 },
    ]);
    assert.equal(losses, {});
  });
}

test.run();
