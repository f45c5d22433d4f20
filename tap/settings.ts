/** How the tap captures and whom it tells: flags of the command line, and where there is none, its environment. */
import { hostname } from "node:os";
import { z } from "zod";

import { wholeNumber } from "../control/setting-types.ts";
import { ANY } from "./tcpdump.ts";
import type { CaptureOptions } from "./tcpdump.ts";

export interface LiveSettings {
  readonly capture: CaptureOptions;
  /** Where control takes reports, "host:port"; undefined where nobody is told. */
  readonly control: string | undefined;
  /** The node's name, as the cluster has it. */
  readonly node: string;
  /** Where probes are answered, "host:port"; undefined where they are not. */
  readonly health: string | undefined;
  /** When it ends by itself. */
  readonly seconds: number | undefined;
  /** Whether it prints what it counted when it ends. */
  readonly isSummedUp: boolean;
}

/** Flags as they were written; undefined where they were not. */
export interface LiveFlags {
  readonly interface?: readonly string[];
  readonly control?: string;
  readonly node?: string;
  readonly filter?: string;
  readonly bufferMb?: string;
  readonly health?: string;
  readonly seconds?: string;
  readonly json?: boolean;
}

/** A setting cannot be used; the message names it. */
export class SettingsError extends Error {
  override name = "SettingsError";
}

const LOOPBACK = "not (net 127.0.0.0/8 or host ::1)";

/** "host:port" with a host in brackets where it is an IPv6 address. */
const hostAndPort = (example: string) =>
  z.string().regex(/^(\[[0-9A-Fa-f:.]+\]|[^:[\]\s]+):\d{1,5}$/, { error: `must be HOST:PORT, such as ${example}` });
const name = z.string().regex(/^[\w.@:-]{1,255}$/, { error: "must be a name of letters, digits, dots and dashes" });
const names = z.array(name).min(1);

/** Each flag, the variable that stands for it, and what it must be. */
const SETTINGS = {
  interface: { variable: "SIDELIGHT_TAP_INTERFACES", type: names },
  control: { variable: "SIDELIGHT_TAP_CONTROL", type: hostAndPort("sidelight.sidelight.svc:9400") },
  node: { variable: "SIDELIGHT_TAP_NODE", type: name },
  filter: { variable: "SIDELIGHT_TAP_FILTER", type: z.string().max(4_096) },
  bufferMb: { variable: "SIDELIGHT_TAP_BUFFER_MB", type: wholeNumber(1, 1_024) },
  health: { variable: "SIDELIGHT_TAP_HEALTH", type: hostAndPort("127.0.0.1:9410") },
  seconds: { variable: "SIDELIGHT_TAP_SECONDS", type: wholeNumber(1, 100_000_000) },
} as const;

type Name = keyof typeof SETTINGS;
type Value<Key extends Name> = z.infer<(typeof SETTINGS)[Key]["type"]>;

/** Reads flags and environment; throws with the name of the one that cannot be used. */
export function readLiveSettings(flags: LiveFlags, env: NodeJS.ProcessEnv): LiveSettings {
  const read = <Key extends Name>(key: Key) => readSetting(key, flags[key], env);
  const interfaces = read("interface") ?? [ANY];
  const control = read("control");
  return {
    capture: {
      interfaces,
      filter: wholeFilter(interfaces, control, read("filter")),
      bufferMb: read("bufferMb") ?? 32,
    },
    control,
    node: read("node") ?? hostname(),
    health: read("health"),
    seconds: read("seconds"),
    isSummedUp: flags.json === true || control === undefined,
  };
}

function readSetting<Key extends Name>(key: Key, flag: LiveFlags[Key], env: NodeJS.ProcessEnv): Value<Key> | undefined {
  const { variable, type } = SETTINGS[key];
  const text = env[variable] || undefined;
  const given = flag ?? (key === "interface" ? text?.split(",").map((word) => word.trim()) : text);
  if (given === undefined) return undefined;
  const result = type.safeParse(given);
  if (result.success) return result.data as Value<Key>;
  const flagName = `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
  const shown = typeof given === "string" ? given : given.join(",");
  throw new SettingsError(
    `${flag === undefined ? variable : flagName} is "${shown}"; it ${result.error.issues[0]?.message ?? "is wrong"}`,
  );
}

/** Not captured: reports to control, from whomever they are, and on all interfaces what stays within the node's loopback. */
function wholeFilter(interfaces: readonly string[], control: string | undefined, own: string | undefined): string {
  const port = control?.replace(/^.*:/, "");
  const parts = [own ? `(${own})` : "", port ? `not tcp port ${port}` : "", interfaces.includes(ANY) ? LOOPBACK : ""];
  return parts.filter(Boolean).join(" and ");
}
