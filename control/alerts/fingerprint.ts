import { createHash } from "node:crypto";

/** What an alert's group is called. */
export interface Named {
  readonly rule: string;
  readonly severity: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** That something is the same thing again: 16 hexadecimal digits of a rule, a severity and labels, in whatever order these are. */
export function fingerprintOf({ rule, severity, labels }: Named): string {
  const sorted = Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash("sha256")
    .update(JSON.stringify([rule, severity, sorted]))
    .digest("hex")
    .slice(0, 16);
}
