/** What the UI reads of objects as people write them. Objects are checked by control; what is odd here is read as absent. */
import { parse } from "yaml";

export interface WrittenSlo {
  /** What of a request is counted as bad. */
  readonly indicator: "availability" | "connect" | "latency";
  readonly where: readonly string[];
}

export function readSlo(yaml: string): WrittenSlo {
  const { indicator, where } = specOf(yaml);
  return {
    indicator: indicator === "availability" || indicator === "connect" ? indicator : "latency",
    where: Array.isArray(where) ? where.map(String) : [],
  };
}

function specOf(yaml: string): Readonly<Record<string, unknown>> {
  try {
    const written = parse(yaml, { schema: "core" }) as { readonly spec?: unknown } | null;
    return (written?.spec ?? {}) as Readonly<Record<string, unknown>>;
  } catch {
    // Told where objects are listed, with its line.
    return {};
  }
}
