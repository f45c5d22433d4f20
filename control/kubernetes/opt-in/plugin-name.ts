import { createHash } from "node:crypto";

/** What a plugin stands in the way of: requests, or the connections of opaque TCP. */
export type PluginKind = "http" | "tcp";

/** With a dot, as "sidelight-tcp" is what the plugin for HTTP of a workload "tcp" is called. */
const PREFIXES: Readonly<Record<PluginKind, string>> = { http: "sidelight", tcp: "sidelight.tcp" };
/** https://kubernetes.io/docs/concepts/overview/working-with-objects/names/ */
const MAX_NAME = 253;
const NAME = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const MAX_LABEL = 63;
const LABEL = /^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$/;
const HASH_DIGITS = 10;

/** The name of a workload's plugin; of that of a whole namespace without one. What is too long, or no name, ends in a hash. */
export function pluginName(workload?: string, kind: PluginKind = "http"): string {
  const prefix = PREFIXES[kind];
  if (workload === undefined) return prefix;
  const name = `${prefix}-${workload}`;
  return name.length <= MAX_NAME && NAME.test(name) ? name : hashed(name, MAX_NAME, /[^a-z0-9.-]+/g);
}

/** A text as the value of a label. */
export function labelValue(text: string): string {
  return text.length <= MAX_LABEL && LABEL.test(text) ? text : hashed(text, MAX_LABEL, /[^A-Za-z0-9._-]+/g);
}

function hashed(text: string, limit: number, unfit: RegExp): string {
  const hash = createHash("sha256").update(text).digest("hex").slice(0, HASH_DIGITS);
  // Each part between dots has to begin and end with a letter or a digit.
  const readable = text
    .replace(unfit, "-")
    .replaceAll(".", "-")
    .slice(0, limit - HASH_DIGITS - 1);
  return `${readable.replace(/^-+|-+$/g, "")}-${hash}`;
}
