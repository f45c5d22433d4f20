/** What the UI reads of objects as people write them. Objects are checked by control; what is odd here is read as absent. */
import { parse } from "yaml";

export interface WrittenSlo {
  /** What of a request is counted as bad. */
  readonly indicator: "availability" | "connect" | "latency";
  /** The limit of a latency, milliseconds; undefined for what has none, or one that cannot be read. */
  readonly underMs: number | undefined;
  readonly where: readonly string[];
}

export interface WrittenRoute {
  /** As they are written: "severity=critical". Empty for all alerts. */
  readonly matchers: readonly string[];
  readonly receivers: readonly string[];
  /** Whether what it takes is looked at by the routes after it too. */
  readonly continues: boolean;
}

export function readSlo(yaml: string): WrittenSlo {
  const { indicator, where } = specOf(yaml);
  return {
    indicator: indicator === "availability" || indicator === "connect" ? indicator : "latency",
    underMs: underOf(indicator),
    where: textsOf(where),
  };
}

const UNITS_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/** Milliseconds of a time such as "300ms" or "1.5 s". */
function underOf(indicator: unknown): number | undefined {
  const { latency } = (indicator ?? {}) as { readonly latency?: { readonly under?: unknown } | null };
  const under = typeof latency?.under === "string" ? latency.under : "";
  const [, count = "", unit = ""] = /^(\d+(?:\.\d+)?) ?(ms|s|m|h)$/.exec(under) ?? [];
  return count === "" ? undefined : Number(count) * UNITS_MS[unit]!;
}

export function readRoute(yaml: string): WrittenRoute {
  const { matchers, receivers, continue: continues } = specOf(yaml);
  return { matchers: textsOf(matchers), receivers: textsOf(receivers), continues: continues === true };
}

export function specOf(yaml: string): Readonly<Record<string, unknown>> {
  try {
    const written = parse(yaml, { schema: "core" }) as { readonly spec?: unknown } | null;
    return (written?.spec ?? {}) as Readonly<Record<string, unknown>>;
  } catch {
    // Told where objects are listed, with its line.
    return {};
  }
}

function textsOf(given: unknown): string[] {
  return Array.isArray(given) ? given.map(String) : [];
}
