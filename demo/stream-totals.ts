import type { Snapshot } from "../control/world/model.ts";
import type { CountAt } from "./freshness.ts";

/** Snapshots come at most twice a second; this is more than an hour of them. */
const maxPoints = 10_000;

/** Follows the API's stream of snapshots and notes how the total of all edges into one server grows. */
export class StreamTotals {
  readonly #server: string;
  readonly #points: CountAt[] = [];
  readonly #abort = new AbortController();
  #finished: Promise<void> = Promise.resolve();

  /** @param server node id, "shop/edge-router" */
  constructor(server: string) {
    this.#server = server;
  }

  get points(): readonly CountAt[] {
    return this.#points;
  }

  /** Starts to follow; resolves when the stream is open. */
  async open(base: string): Promise<void> {
    const headers = { accept: "text/event-stream", "accept-encoding": "identity" };
    const response = await fetch(`${base}/api/v1/stream`, { headers, signal: this.#abort.signal });
    if (!response.ok || !response.body) throw new Error(`Following ${base}/api/v1/stream: HTTP ${response.status}`);
    // Ends by `close`, or with control, which the supervisor reports.
    this.#finished = this.#read(response.body).catch(() => {});
  }

  async close(): Promise<void> {
    this.#abort.abort();
    await this.#finished;
  }

  async #read(body: ReadableStream<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder();
    let pending = "";
    const reader = body.getReader();
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      const events = (pending + decoder.decode(part.value, { stream: true })).split("\n\n");
      pending = events.pop() ?? "";
      for (const event of events) this.#note(event);
    }
  }

  #note(event: string): void {
    const data = event.split("\n").filter((line) => line.startsWith("data:"));
    if (data.length === 0) return;
    const { edges } = JSON.parse(data.map((line) => line.slice(5)).join("\n")) as Snapshot;
    const into = edges.filter(({ server }) => server === this.#server);
    this.#points.push([Date.now(), into.reduce((sum, { total }) => sum + total, 0)]);
    if (this.#points.length > maxPoints) this.#points.shift();
  }
}
