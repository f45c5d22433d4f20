/** The processes of the demo that are our own or Envoy's: their configuration files, and how to start each. */
import { mkdirSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { projectRoot } from "../provision/build.ts";
import type { EnvoyBinary } from "../provision/envoy.ts";
import { sidecarBootstrap } from "./envoy-config.ts";
import { inventoryYaml } from "./inventory.ts";
import type { PartSpec } from "./part.ts";
import { isOk } from "./ready.ts";
import { logFile } from "./supervisor.ts";
import { BUFFER_MB, CAPTURES, INTERFACE, nodeFilter } from "./taps.ts";
import type { TappedNode } from "./taps.ts";
import type { HostPort, ServicePlace, Topology } from "./topology.ts";

export const text = ({ host, port }: HostPort): string => `${host}:${port}`;
export const url = (at: HostPort): string => `http://${text(at)}`;

/** One of the project's own programs, in a process of its own. */
function ours(entry: string, args: readonly string[] = []): Pick<PartSpec, "command" | "args" | "cwd"> {
  return { command: process.execPath, args: ["--import", "tsx", entry, ...args], cwd: projectRoot };
}

export function controlPart(folder: string, topology: Topology): PartSpec {
  const own = join(folder, "control");
  mkdirSync(own);
  const inventory = join(own, "inventory.yaml");
  writeFileSync(inventory, inventoryYaml(topology));
  return {
    name: "control",
    ...ours("control/main.ts"),
    env: {
      SIDELIGHT_GRPC_LISTEN: text(topology.control.grpc),
      SIDELIGHT_HTTP_LISTEN: text(topology.control.http),
      SIDELIGHT_DATA_DIR: join(own, "data"),
      SIDELIGHT_INVENTORY: inventory,
      SIDELIGHT_UI_DIR: join(projectRoot, "build", "ui"),
    },
    isReady: () => isOk(`${url(topology.control.http)}/readyz`),
  };
}

export function sidecarPart(folder: string, envoy: EnvoyBinary, service: ServicePlace, topology: Topology): PartSpec {
  const own = join(folder, "envoy");
  mkdirSync(own, { recursive: true });
  const file = join(own, `${service.name}.json`);
  const filterFile = join(projectRoot, "build", "filter", "sidelight.wasm");
  writeFileSync(file, JSON.stringify(sidecarBootstrap({ service, topology, filterFile }), null, 2));
  const small = ["--concurrency", "1", "--disable-hot-restart", "--log-level", "warning"];
  return {
    name: `envoy-${service.name}`,
    command: envoy.path,
    args: ["-c", file, ...small, "--drain-time-s", "1"],
    isReady: () => isOk(`http://${service.address}:${service.admin}/ready`),
  };
}

/** The tap of one node. It is ready when it captures, so that nothing is asked of a store before. */
export function tapPart(folder: string, tapped: TappedNode, { control }: Topology): PartSpec {
  const name = `tap-${tapped.node}`;
  const flags = ["--live", "--interface", INTERFACE, "--filter", nodeFilter(tapped), "--buffer-mb", String(BUFFER_MB)];
  return {
    name,
    ...ours("tap/main.ts", [...flags, "--control", text(control.grpc), "--node", tapped.node]),
    isReady: async () => (await readFile(logFile(folder, name), "utf8")).includes(CAPTURES),
  };
}

export function shopPart(folder: string, topology: Topology): PartSpec {
  const services = topology.services.map(({ name, address, app, outbound, stores }) => {
    const access = Object.entries(stores).map(([store, port]) => [store, { host: address, port }] as const);
    const place = {
      listen: `${address}:${app}`,
      outbound: `${address}:${outbound}`,
      stores: Object.fromEntries(access),
    };
    return [name, place] as const;
  });
  const file = join(folder, "shop.json");
  writeFileSync(
    file,
    JSON.stringify({ services: Object.fromEntries(services), control: text(topology.shop) }, null, 2),
  );
  return {
    name: "shop",
    ...ours("demo/shop/main.ts", [file]),
    readyWithinMs: 60_000,
    isReady: () => isOk(`${url(topology.shop)}/ready`),
  };
}

export function loadPart(folder: string, topology: Topology, rate: number): PartSpec {
  const file = join(folder, "load.json");
  const target = text(edgeOf(topology));
  writeFileSync(file, JSON.stringify({ target, bind: topology.client, rate, control: text(topology.load) }, null, 2));
  return {
    name: "load",
    ...ours("demo/load/main.ts", [file]),
    isReady: () => isOk(`${url(topology.load)}/counters`),
  };
}

/** Where shoppers come in. */
export function edgeOf({ services }: Topology): HostPort {
  const edge = services.find(({ name }) => name === "edge-router");
  if (!edge) throw new Error("The shop has no edge-router");
  return { host: edge.address, port: edge.inbound };
}
