/** Mutes as the UI makes and reads them. Pure. */
import type { StatedObject, ShownAlert } from "../../../control/api/alert-source.ts";
import { parse, stringify } from "yaml";

const HOUR_MS = 3_600_000;

/** How long one mutes without thinking of a time. */
export const MUTE_SPANS = [
  { word: "1 h", ms: HOUR_MS },
  { word: "4 h", ms: 4 * HOUR_MS },
  { word: "1 day", ms: 24 * HOUR_MS },
] as const;

export interface Mute {
  readonly name: string;
  readonly matchers: readonly string[];
  /** Milliseconds since the epoch, half-open. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly author: string;
  readonly reason: string;
}

/**
 * Conditions that hold for these alerts and for as few others as can be said. All conditions of a mute must hold, so alerts that
 * were told apart by other labels need one of their own: a set for each.
 */
export function matcherSets(alerts: readonly ShownAlert[]): string[][] {
  const kinds = new Map<string, ShownAlert[]>();
  for (const alert of alerts) {
    const kind = Object.keys(alert.labels).sort().join(" ");
    const known = kinds.get(kind);
    if (known) known.push(alert);
    else kinds.set(kind, [alert]);
  }
  return [...kinds].map(([kind, members]) => [
    matcher(
      "rule",
      members.map(({ rule }) => rule),
    ),
    ...kind
      .split(" ")
      .filter(Boolean)
      .map((name) =>
        matcher(
          name,
          members.map(({ labels }) => labels[name] ?? ""),
        ),
      ),
  ]);
}

function matcher(label: string, values: readonly string[]): string {
  const [one = "", ...others] = [...new Set(values)].sort();
  if (others.length === 0) return `${label}=${one}`;
  return `${label}=~${[one, ...others].map((value) => value.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&")).join("|")}`;
}

/** As it is sent to control. */
export function muteYaml({ name, matchers, fromMs, toMs, author, reason }: Mute): string {
  const spec = { matchers, from: instant(fromMs), to: instant(toMs), author, reason };
  return stringify({ apiVersion: "sidelight.dev/v1", kind: "Mute", metadata: { name }, spec });
}

/** "mute-user-20260304-120010": says what and when, and is no other's. */
export function muteName(about: string, nowMs: number): string {
  const what = about
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-|-$/g, "")
    .slice(0, 40);
  const [day = "", time = ""] = instant(nowMs).replace(/[-:Z]/g, "").split("T");
  return ["mute", what, day, time].filter(Boolean).join("-");
}

/** Undefined where it is no mute that could be read. */
export function readMute({ name, yaml }: StatedObject): Mute | undefined {
  try {
    const { spec } = parse(yaml, { schema: "core" }) as { readonly spec: Readonly<Record<string, unknown>> };
    const [fromMs, toMs] = [spec["from"], spec["to"]].map((time) => Date.parse(String(time))) as [number, number];
    if (Number.isNaN(fromMs) || Number.isNaN(toMs) || !Array.isArray(spec["matchers"])) return undefined;
    const [author = "", reason = ""] = [spec["author"], spec["reason"]].map((said) =>
      typeof said === "string" ? said : "",
    );
    return { name, matchers: spec["matchers"].map(String), fromMs, toMs, author, reason };
  } catch {
    // Told where objects are listed, with its line.
    return undefined;
  }
}

function instant(atMs: number): string {
  return new Date(atMs).toISOString().replace(/\.\d+Z$/, "Z");
}
