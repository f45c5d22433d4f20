/** How figures and groups read. */
import type { Indicator } from "../rule.ts";

/** "5.2 %", "0.04 %": two digits that count, three from 10 % on. */
export function percent(share: number): string {
  const value = share * 100;
  const digits = value >= 9.95 ? 1 : value >= 0.095 ? 2 : 3;
  return `${Number(value.toFixed(digits))} %`;
}

/** "5 min", "1 h", "3 d", "10 s". */
export function duration(ms: number): string {
  const units = [
    ["d", 86_400_000],
    ["h", 3_600_000],
    ["min", 60_000],
    ["s", 1_000],
  ] as const;
  const [unit, size] = units.find(([, length]) => ms >= length && ms % length === 0) ?? ["s", 1_000];
  return `${Number((ms / size).toFixed(1))} ${unit}`;
}

/** "300 ms", "1.5 s". */
export function latency(ms: number): string {
  return ms >= 1_000 ? `${Number((ms / 1_000).toFixed(2))} s` : `${Number(ms.toFixed(1))} ms`;
}

/** "12.5 requests/s" */
export function rate(perSecond: number): string {
  return `${Number(perSecond.toPrecision(3))} requests/s`;
}

/** What was bad, after a share: "of requests to shop/user failed". */
export function whatWasBad(indicator: Indicator, labels: Readonly<Record<string, string>>): string {
  const subject = subjectOf(labels);
  switch (indicator.kind) {
    case "errors":
      return `of requests ${subject} failed`;
    case "latency":
      return `of requests ${subject} took over ${latency(indicator.overMs)}`;
    case "connectFailures":
      return `of connections ${subject} failed`;
    case "loss":
      return `of requests ${subject} could not be counted in full`;
    case "throughput":
      return `requests ${subject}`;
  }
}

/** Who is asked for what, and by whom: "GET /cards to shop/user from shop/orders". */
export function subjectOf(labels: Readonly<Record<string, string>>): string {
  const { method = "", route = "" } = labels;
  const endpoint = [method, route].filter((part) => part !== "").join(" ");
  const end = (side: string): string | undefined =>
    labels[`${side}workload`] ?? labels[`${side}service`] ?? labels[`${side}namespace`];
  const server = end("server.") ?? end("");
  const client = end("client.");
  const parts = [
    ...(endpoint === "" ? [] : [`for ${endpoint}`]),
    server === undefined ? "" : `to ${server}`,
    client === undefined ? "" : `from ${client}`,
  ].filter((part) => part !== "");
  return parts.length > 0 ? parts.join(" ") : "in all";
}
