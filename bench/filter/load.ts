/** A closed loop over connections that stay open: each slot sends its next request when the last one was answered. */
import { quantile } from "../statistics.ts";

/** A connection of the load, with room for so many requests at a time. */
export interface Client {
  readonly slots: number;
  /** Who is told of each slot whose response has come whole. */
  onAnswer(listener: (slot: number) => void): void;
  /** Sends the index-th request. */
  send(slot: number, index: number): void;
  close(): void;
}

export interface LoadOptions {
  /** How many in all. */
  readonly requests: number;
  /** A second; as many as there can be where there is none. */
  readonly rate?: number | undefined;
}

export interface LoadResult {
  readonly seconds: number;
  /** 99 % were answered within so many milliseconds. */
  readonly p99: number;
}

/** How long one round may take, over what its rate takes, before it counts as stuck. Milliseconds. */
const LIMIT_MS = 60_000;

/** Sends so many requests over all connections and waits for the last answer. */
export async function load(clients: readonly Client[], { requests, rate }: LoadOptions): Promise<LoadResult> {
  const times = new Float64Array(requests);
  const startedMs = performance.now();
  const dueMs = (index: number): number => (rate === undefined ? 0 : startedMs + (index * 1000) / rate);
  await new Promise<void>((resolve, reject) => {
    let sent = 0;
    let answered = 0;
    const giveUp = (): void => reject(new Error(`Waiting for ${requests} answers: ${answered} came in time`));
    const timer = setTimeout(giveUp, LIMIT_MS + (rate === undefined ? 0 : (requests * 1000) / rate));
    for (const client of clients) {
      const sentMs = new Float64Array(client.slots);
      const send = (slot: number, index: number): void => {
        sentMs[slot] = performance.now();
        client.send(slot, index);
      };
      const next = (slot: number): void => {
        if (sent === requests) return;
        const index = sent++;
        const waitMs = dueMs(index) - performance.now();
        if (waitMs > 0) setTimeout(send, waitMs, slot, index);
        else send(slot, index);
      };
      client.onAnswer((slot) => {
        times[answered++] = performance.now() - (sentMs[slot] ?? 0);
        if (answered < requests) return next(slot);
        clearTimeout(timer);
        resolve();
      });
      for (let slot = 0; slot < client.slots; slot++) next(slot);
    }
  });
  return { seconds: (performance.now() - startedMs) / 1000, p99: quantile(times, 0.99) };
}
