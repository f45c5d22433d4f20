/**
 * The inventory file: which workloads there are and which addresses and host names they hold. For places without
 * Kubernetes, and for tests; docs/inventory.md says the same for users.
 *
 *     # Ranges that are inside. An unknown address in them is shown as unresolved, one outside as external.
 *     # Default: the private ranges (10/8, 172.16/12, 192.168/16, 100.64/10, 127/8, fc00::/7, fe80::/10).
 *     clusterCidrs: [10.0.0.0/8]
 *     workloads:
 *       - namespace: shop
 *         name: user
 *         kind: Deployment            # free text; Deployment when left out
 *         role: workload              # workload (default), store or unmeshed
 *         service: user               # `name` when left out
 *         serviceAccount: user        # only if no other workload shares it; lets a SPIFFE id name the workload
 *         hosts: [user, user-api]     # besides SERVICE.NAMESPACE[.svc[.cluster.local]], which are implied
 *         version: v1                 # of the pods at its addresses that state none of their own
 *         addresses:
 *           - 10.0.1.7
 *           - { address: 10.0.1.9, from: 2026-03-01T10:00:00Z, to: 2026-03-01T11:30:00Z }
 *           - { address: 10.0.1.10, pod: user-7c9-x2x4p, node: worker-3, version: v2 }
 *
 * `from` is included, `to` is not; either may be left out. One address may belong to several workloads, or to several
 * pods of one, one after the other, never to two at the same time.
 */
import { LineCounter, parseDocument } from "yaml";
import type { Document } from "yaml";
import { z } from "zod";
import { isAddressWithoutPort, normalizeAddress, parseCidr } from "./address.ts";

export const PRIVATE_RANGES = [
  "10.0.0.0/8",
  "172.16.0.0/12",
  "192.168.0.0/16",
  "100.64.0.0/10",
  "127.0.0.0/8",
  "fc00::/7",
  "fe80::/10",
];

const address = z
  .string()
  .refine(isAddressWithoutPort, { error: "must be an IP address without a port" })
  .transform((text) => normalizeAddress(text) ?? text);

const instant = z
  .string()
  .refine((text) => !Number.isNaN(Date.parse(text)), { error: "must be a time such as 2026-03-01T10:00:00Z" })
  .transform((text) => Date.parse(text));

const label = z.string().regex(/^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,251}[A-Za-z0-9])?$/, {
  error: "must be 1 to 253 letters, digits, '-', '_' or '.', as in a Kubernetes name",
});

/** The most that a Kubernetes label holds, which is where a version stands. */
const version = z.string().min(1).max(63);

const timedAddress = z
  .strictObject({
    address,
    pod: label.optional(),
    node: label.optional(),
    version: version.optional(),
    from: instant.default(-Infinity),
    to: instant.default(Infinity),
  })
  .refine((entry) => entry.from < entry.to, { error: "`from` must be before `to`" });

const workload = z.strictObject({
  namespace: label,
  name: label,
  kind: z.string().min(1).max(63).default("Deployment"),
  role: z.enum(["workload", "store", "unmeshed"]).default("workload"),
  service: label.optional(),
  serviceAccount: label.optional(),
  version: version.optional(),
  annotations: z.record(z.string().min(1).max(317), z.string().max(65_536)).default({}),
  hosts: z.array(z.string().min(1).max(253)).default([]),
  addresses: z
    .array(z.preprocess((entry) => (typeof entry === "string" ? { address: entry } : entry), timedAddress))
    .default([]),
});

const cidr = z.string().refine((text) => parseCidr(text) !== undefined, {
  error: "must be an address range such as 10.0.0.0/8 or fd00::/8",
});

const inventoryFile = z.strictObject({
  clusterCidrs: z.array(cidr).default(PRIVATE_RANGES),
  workloads: z.array(workload).default([]),
});

/** The content of an inventory file, checked. Times are milliseconds since the epoch, open ends infinite. */
export type InventoryFile = z.infer<typeof inventoryFile>;
export type WorkloadEntry = InventoryFile["workloads"][number];

/**
 * Reads the text of an inventory file. Throws an error that lists what is wrong, each with its line and field.
 */
export function parseInventoryFile(text: string): InventoryFile {
  const lines = new LineCounter();
  // The core schema keeps times as the strings they are; `instant` above reads them.
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, schema: "core" });
  const broken = document.errors[0];
  if (broken) throw new Error(`line ${lines.linePos(broken.pos[0]).line}: ${broken.message}`);
  const result = inventoryFile.safeParse(document.toJS({ maxAliasCount: 100 }) ?? {});
  if (result.success) return result.data;
  throw new Error(result.error.issues.map((issue) => describe(issue, document, lines)).join("; "));
}

function describe(issue: z.core.$ZodIssue, document: Document, lines: LineCounter): string {
  const field = issue.path.reduce<string>(
    (text, part) => (typeof part === "number" ? `${text}[${part}]` : text ? `${text}.${String(part)}` : String(part)),
    "",
  );
  return `line ${lineOf(issue.path, document, lines)}, ${field || "the file"}: ${issue.message}`;
}

/** The line of the field, or of the nearest thing around it that is there. */
function lineOf(path: readonly PropertyKey[], document: Document, lines: LineCounter): number {
  for (let length = path.length; length >= 0; length -= 1) {
    const node = document.getIn(path.slice(0, length), true) as { range?: [number, number, number] } | undefined;
    if (node?.range) return lines.linePos(node.range[0]).line;
  }
  return 1;
}
