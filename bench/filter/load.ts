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

export interface LoadResult {
  readonly seconds: number;
  /** 99 % were answered within so many milliseconds. */
  readonly p99: number;
}

/** How long one round may take before it counts as stuck. Milliseconds. */
const LIMIT_MS = 60_000;

/** Sends so many requests over all connections and waits for the last answer. */
export async function load(clients: readonly Client[], total: number): Promise<LoadResult> {
  const times = new Float64Array(total);
  const startedMs = performance.now();
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new Error(`Waiting for ${total} answers: ${answered} came within ${LIMIT_MS / 1000} s`));
    }, LIMIT_MS);
    let sent = 0;
    let answered = 0;
    for (const client of clients) {
      const sentMs = new Float64Array(client.slots);
      const next = (slot: number): void => {
        if (sent === total) return;
        sentMs[slot] = performance.now();
        client.send(slot, sent++);
      };
      client.onAnswer((slot) => {
        times[answered++] = performance.now() - (sentMs[slot] ?? 0);
        if (answered === total) {
          clearTimeout(timer);
          resolve();
        } else next(slot);
      });
      for (let slot = 0; slot < client.slots; slot++) next(slot);
    }
  });
  return { seconds: (performance.now() - startedMs) / 1000, p99: quantile(times, 0.99) };
}
