/** The control ports of the shop and the load (demo/shop/control.ts, demo/load/control.ts) and control's API. */
import { z } from "zod";

const timeoutMs = 30_000;

/** What the shop's stores speak. */
export const STORE_PROTOCOLS = ["redis", "mysql", "postgresql", "amqp"] as const;

const shopCountersSchema = z.object({
  http: z.array(z.object({ client: z.string(), server: z.string(), sent: z.number(), unclear: z.number() })),
  tcp: z.array(z.object({ client: z.string(), server: z.string(), opened: z.number() })),
  queries: z.array(
    z.object({
      client: z.string(),
      server: z.string(),
      protocol: z.enum(STORE_PROTOCOLS),
      sent: z.number(),
      unclear: z.number(),
    }),
  ),
  inFlight: z.number(),
});
export type ShopCounters = z.infer<typeof shopCountersSchema>;

const loadCountersSchema = z.object({
  rate: z.number(),
  sent: z.number(),
  unclear: z.number(),
  /** Requests without an answer. */
  failed: z.number(),
  byStatus: z.record(z.string(), z.number()),
  inFlight: z.number(),
  /** [milliseconds since the epoch, requests done by then] */
  timeline: z.array(z.tuple([z.number(), z.number()])),
});
export type LoadCounters = z.infer<typeof loadCountersSchema>;

const totalsSchema = z.object({
  edges: z.array(
    z.object({
      client: z.string(),
      server: z.string(),
      protocol: z.string(),
      outcomes: z.record(z.string(), z.number()),
    }),
  ),
  losses: z.array(z.object({ kind: z.string(), count: z.number() })),
});
export type Totals = z.infer<typeof totalsSchema>;

const faultSchema = z.object({ target: z.string(), fault: z.string(), service: z.string(), story: z.string() });
const faultsSchema = z.object({ active: z.array(faultSchema), known: z.array(faultSchema).default([]) });
export type Faults = z.infer<typeof faultsSchema>;

const refusalSchema = z.object({ error: z.object({ message: z.string() }) });

/** The other side understood and said no; its message is for the user as it is. */
export class RefusedError extends Error {
  override readonly name = "RefusedError";
}

export const readShopCounters = (base: string): Promise<ShopCounters> => ask(`${base}/counters`, shopCountersSchema);
export const readLoadCounters = (base: string): Promise<LoadCounters> => ask(`${base}/counters`, loadCountersSchema);
/** Ends the load; answers when the last request is done. */
export const stopLoad = (base: string): Promise<LoadCounters> => ask(`${base}/stop`, loadCountersSchema, {});
export const readFaults = (base: string): Promise<Faults> => ask(`${base}/faults`, faultsSchema);

export function setFault(base: string, change: { target?: string; fault: string }): Promise<Faults> {
  return ask(`${base}/faults`, faultsSchema, change);
}

/** For `seconds` the rate is `factor` times as high. */
export async function startSpike(base: string, factor: number, seconds: number): Promise<number> {
  return (await ask(`${base}/spike`, z.object({ rate: z.number() }), { factor, seconds })).rate;
}

export async function setRate(base: string, rate: number): Promise<number> {
  return (await ask(`${base}/rate`, z.object({ rate: z.number() }), { rate })).rate;
}

/** Exact sums of a range, out of control's store. */
export function readTotals(base: string, fromMs: number, toMs: number): Promise<Totals> {
  return ask(`${base}/api/v1/totals?from=${Math.floor(fromMs)}&to=${Math.ceil(toMs)}`, totalsSchema);
}

/** GET, or POST where there is a body. */
async function ask<T>(url: string, schema: z.ZodType<T>, body?: unknown): Promise<T> {
  const request: RequestInit = { signal: AbortSignal.timeout(timeoutMs) };
  if (body !== undefined) {
    request.method = "POST";
    request.headers = { "content-type": "application/json" };
    request.body = JSON.stringify(body);
  }
  let response: Response;
  let answer: unknown;
  try {
    response = await fetch(url, request);
    answer = await response.json();
  } catch (cause) {
    throw new Error(`Asking ${url}`, { cause });
  }
  if (response.ok) return schema.parse(answer);
  const refusal = refusalSchema.safeParse(answer);
  throw new RefusedError(refusal.success ? refusal.data.error.message : `${url} answered ${response.status}`);
}
