/** How who calls whom reads. */
import type { Counted } from "../../world/counted.ts";
import { partsOfId } from "../../identity/node.ts";

/** Who asks, as far as labels say: "shop/front-end". */
export function callerOf(labels: Readonly<Record<string, string>>): string {
  return endOf(labels, "client.") ?? "somebody";
}

/** Who is asked, and for what, as far as labels say: "shop/payment", "api.bank.example", "POST /charges of shop/payment". */
export function askedOf(labels: Readonly<Record<string, string>>, { server }: Counted): string {
  const named = endOf(labels, "server.") ?? endOf(labels, "") ?? (server.kind === "external" ? server.id : "somebody");
  const { namespace, name } = partsOfId(named);
  const endpoint = [labels["method"] ?? "", labels["route"] ?? ""].filter((part) => part !== "").join(" ");
  return `${endpoint === "" ? "" : `${endpoint} of `}${namespace === "external" ? name : named}`;
}

/** "10:04 UTC" */
export function clockTime(ms: number): string {
  return `${new Date(ms).toISOString().slice(11, 16)} UTC`;
}

/** "12 requests", "1 request", "1,200 requests". */
export function requests(count: number): string {
  return `${count.toLocaleString("en-US")} ${count === 1 ? "request" : "requests"}`;
}

/** How long something is, in whole minutes from two on: "6 min", "50 s", "1 h 20 min". */
export function about(ms: number): string {
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 2) return `${Math.floor(ms / 1_000)} s`;
  if (minutes < 60) return `${minutes} min`;
  const rest = minutes % 60;
  return `${Math.floor(minutes / 60)} h${rest === 0 ? "" : ` ${rest} min`}`;
}

function endOf(labels: Readonly<Record<string, string>>, side: string): string | undefined {
  const found = ["workload", "service", "namespace"].map((what) => labels[`${side}${what}`]);
  return found.find((value) => value !== undefined && value !== "");
}
