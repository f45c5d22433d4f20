/**
 * Real HTTP between network namespaces, over a bridge and through translated addresses, captured on all interfaces: the counts are those of the
 * client. It makes interfaces, so it needs root, ip and nft, and is skipped by name where they are not there.
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

const ip = findProgram("ip");
const nft = findProgram("nft");
const test = suite<{ server: ChildProcess }>("the tap on all interfaces");

/** Names that no other run has, at most 15 characters with what follows. */
const own = `sl${process.pid.toString(36)}`;
const names = { client: `${own}c`, server: `${own}s`, bridge: `${own}b`, table: `${own}nat` };
const net = `10.${200 + (process.pid % 50)}.${(process.pid >> 6) % 250}`;
const addresses = {
  gateway: `${net}.1`,
  client: `${net}.2`,
  server: `${net}.3`,
  service: `${net.replace(/\d+$/, "251")}.9`,
};

const SERVE = `require("node:http").createServer((_, answer) => answer.end("ok"))
  .listen(8080, () => console.log("listening"))`;
const ASK = `(async () => { const [url, times] = process.argv.slice(-2);
  for (let i = 0; i < Number(times); i++) { const answer = await fetch(url); await answer.text(); if (!answer.ok) process.exit(1); } })()`;

async function makeNetwork(): Promise<void> {
  const link = (...words: string[]) => run("ip", words);
  await link("link", "add", names.bridge, "type", "bridge");
  await link("addr", "add", `${addresses.gateway}/24`, "dev", names.bridge);
  await link("link", "set", names.bridge, "up");
  for (const end of ["client", "server"] as const) {
    const space = names[end];
    await link("netns", "add", space);
    await link("link", "add", `${space}v`, "type", "veth", "peer", "name", "eth0", "netns", space);
    await link("link", "set", `${space}v`, "master", names.bridge, "up");
    await link("-n", space, "link", "set", "eth0", "up");
    await link("-n", space, "addr", "add", `${addresses[end]}/24`, "dev", "eth0");
    await link("-n", space, "route", "add", "default", "via", addresses.gateway);
  }
  const rules = `table ip ${names.table} {
    chain to { type nat hook prerouting priority -100; ip daddr ${addresses.service} tcp dport 80 dnat to ${addresses.server}:8080; }
    chain from { type nat hook postrouting priority 100; ip daddr ${addresses.server} ct status dnat masquerade; }
  }`;
  await run("nft", ["-f", "-"], { input: rules });
}

async function removeNetwork(): Promise<void> {
  const words = [
    ["nft", "delete", "table", "ip", names.table],
    ["ip", "netns", "del", names.client],
    ["ip", "netns", "del", names.server],
    ["ip", "link", "del", names.bridge],
  ];
  for (const [command = "", ...args] of words) await run(command, args).catch(() => undefined);
}

function nodeIn(space: string, script: string, ...args: string[]): ChildProcess {
  const stdio: ["ignore", "pipe", "inherit"] = ["ignore", "pipe", "inherit"];
  return spawn("ip", ["netns", "exec", space, process.execPath, "-e", script, "--", ...args], { stdio });
}

async function ask(url: string, times: number): Promise<void> {
  const [code] = (await once(nodeIn(names.client, ASK, url, String(times)), "exit")) as [number | null];
  assert.is(code, 0, `asking ${url} failed`);
}

/** What a live tap sees while something is done. */
async function tapped(work: () => Promise<void>): Promise<TapDocument> {
  const filter = `net ${net}.0/24 or host ${addresses.service}`;
  const args = ["--import", "tsx", "tap/main.ts", "--live", "--json", "--filter", filter];
  const tap = spawn(process.execPath, args, { cwd: projectRoot, stdio: ["ignore", "pipe", "pipe"] });
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

if (process.getuid?.() !== 0 || !ip || !nft) {
  process.stdout.write("skipped: making interfaces needs root, ip and nft\n");
} else {
  test.before(
    loud(async (context) => {
      await makeNetwork();
      context.server = nodeIn(names.server, SERVE);
      await once(context.server.stdout!, "data");
    }),
  );

  test.after(async ({ server }) => {
    server.kill("SIGKILL");
    await removeNetwork();
  });

  for (const [title, url] of [
    ["from pod to pod over a bridge", `http://${addresses.server}:8080/a`],
    ["through a Service's address, masqueraded: the pods are named", `http://${addresses.service}/a`],
  ] as const) {
    test(title, async () => {
      const { edges, losses } = await tapped(() => ask(url, 50));
      const edge = { client: addresses.client, server: `${addresses.server}:8080` };
      assert.equal(edges.map(figures), [
        { ...edge, protocol: "tcp", retransmissions: 0 },
        { ...edge, protocol: "http", requests: 50 },
      ]);
      assert.equal(losses, {});
    });
  }
}

test.run();
