/** What is compared, and to whom each reports. */
export const VARIANTS = [
  "none",
  "empty filter",
  "empty access logger",
  "Sidelight filter",
  "Sidelight access logger",
  "gRPC access log",
  "gRPC access log, generated decoder",
  "Lua",
] as const;
export type Variant = (typeof VARIANTS)[number];

/** The access log to the lean receiver, which the goals are measured by. */
export const ACCESS_LOG = "gRPC access log" as const satisfies Variant;
/** In the proxy the same; its receiver decodes with what a generator makes of the messages. */
export const GENERATED_DECODER = "gRPC access log, generated decoder" as const satisfies Variant;

/** Each is a process, a cluster of the proxies, and a script "NAME-receiver.ts" in this folder. */
export const RECEIVERS = ["sidelight", "access-log", "access-log-generated"] as const;
export type ReceiverName = (typeof RECEIVERS)[number];

/** Where a variant's reports go; undefined for those that make none. */
export function receiverOf(variant: Variant): ReceiverName | undefined {
  if (variant.startsWith("Sidelight")) return "sidelight";
  if (variant === GENERATED_DECODER) return "access-log-generated";
  return variant === ACCESS_LOG ? "access-log" : undefined;
}
