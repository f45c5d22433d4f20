/** Reporters that know what they sent: requests by edge, endpoint and outcome, in windows of the last two hours. */
import { Outcome, Side } from "#proto/ingest.ts";
import type { SeriesTold } from "../../control/api/series-answers.ts";
import type { SeriesPoint } from "../../control/store/store.ts";
import { batchOf } from "./batches.ts";
import type { CounterWords } from "./batches.ts";
import type { ControlProcess } from "./control-process.ts";
import { ReporterClient } from "./reporter-client.ts";

const HOUR_MS = 3_600_000;
/** How far each window begins after the one before: so that soon enough is there to be rolled up, and to expire. */
const STEP_MS = 9_000;
/** Batches that wait in a reporter at most; a filter would merge further windows. */
const MAX_WAITING = 15;
const OUTCOMES = [
  { outcome: Outcome.OUTCOME_SUCCESS, status: 200, as: "success" },
  { outcome: Outcome.OUTCOME_CLIENT_ERROR, status: 404, as: "clientError" },
  { outcome: Outcome.OUTCOME_SERVER_ERROR, status: 503, as: "serverError" },
] as const;

export const KNOWN_INVENTORY = `
clusterCidrs: [10.0.0.0/8]
workloads:
  - { namespace: shop, name: orders, addresses: [10.0.0.1] }
  - { namespace: shop, name: user, addresses: [10.0.0.2] }
  - { namespace: shop, name: user-db, role: store, addresses: [10.0.0.3] }
`;

/** An endpoint of an edge. */
interface Place {
  readonly reporter: string;
  readonly client: string;
  readonly server: string;
  readonly method: string;
  readonly route: string;
  readonly words: CounterWords;
}

const PLACES: readonly Place[] = ["/cards", "/addresses/{id}"].flatMap((route, at): Place[] => [
  {
    ...{ reporter: "user", client: "shop/orders", server: "shop/user", method: "GET", route },
    words: { method: "GET", route, peer: { address: "10.0.0.1" } },
  },
  {
    ...{ reporter: "orders", client: "external/clients", server: "shop/orders", method: "POST", route },
    words: { method: "POST", route, peer: { address: "203.0.113.9" } },
  },
  {
    ...{ reporter: "user", client: "shop/user", server: "shop/user-db", method: "", route: `/query/${at}x` },
    words: { method: "", route: `/query/${at}x`, side: Side.SIDE_OUTBOUND, peer: { address: "10.0.0.3:5432" } },
  },
]);

export class KnownLoad {
  /** By place and outcome. */
  readonly #sent = new Map<string, number>();
  readonly #reporters: readonly { readonly workload: string; readonly client: ReporterClient }[];
  readonly #fromMs = Math.floor(Date.now() / HOUR_MS) * HOUR_MS - 2 * HOUR_MS;
  readonly #random: () => number;
  #windows = 0;
  #timer: NodeJS.Timeout | undefined;

  /** @param target where control listens, asked again at each connection */
  constructor(target: () => string, random: () => number) {
    this.#random = random;
    this.#reporters = ["user", "user", "orders"].map((workload) => ({
      workload,
      client: new ReporterClient({ target, hello: { namespace: "shop", workload } }),
    }));
  }

  /** Sends until it is told to stop, while control is there and while it is not. */
  start(): void {
    this.#timer ??= setInterval(() => this.#tick(), 15);
  }

  /** Stops, and waits until everything is acknowledged. */
  async flushed(): Promise<void> {
    clearInterval(this.#timer);
    this.#timer = undefined;
    await Promise.all(this.#reporters.map(({ client }) => client.flushed(60_000)));
  }

  close(): void {
    clearInterval(this.#timer);
    for (const { client } of this.#reporters) client.close();
  }

  get total(): number {
    return [...this.#sent.values()].reduce((a, b) => a + b, 0);
  }

  /** How control's history differs from what was sent, at every resolution; empty where it does not. */
  async differences(control: ControlProcess): Promise<string[]> {
    const found: string[] = [];
    for (const place of PLACES) {
      for (const stepMs of [10_000, 60_000, HOUR_MS]) {
        const points = await this.#series(control, place, stepMs);
        for (const { as } of OUTCOMES) {
          const sent = this.#sent.get(keyOf(place, as)) ?? 0;
          const counted = points.reduce((sum, { outcomes }) => sum + outcomes[as], 0);
          if (counted !== sent) found.push(`${keyOf(place, as)} by ${stepMs} ms: sent ${sent}, counted ${counted}`);
        }
      }
    }
    return found;
  }

  async #series(control: ControlProcess, place: Place, stepMs: number): Promise<readonly SeriesPoint[]> {
    const { client, server, method, route } = place;
    const [from, to] = [this.#fromMs, this.#fromMs + 5 * HOUR_MS].map(String) as [string, string];
    const query = new URLSearchParams({ client, server, method, route, from, to, step: String(stepMs) });
    const { series } = await control.json<SeriesTold>(`/api/v1/series?${query.toString()}`);
    return series.flatMap(({ points }) => points);
  }

  #tick(): void {
    const startMs = Math.min(this.#fromMs + this.#windows++ * STEP_MS, Date.now() - 1_000);
    for (const { workload, client } of this.#reporters) {
      if (client.pending >= MAX_WAITING) continue;
      const places = PLACES.filter(({ reporter }) => reporter === workload);
      const counters = places.map((place): CounterWords => {
        const { as, ...outcome } = OUTCOMES[Math.floor(this.#random() * OUTCOMES.length)]!;
        const count = 1 + Math.floor(this.#random() * 9);
        const key = keyOf(place, as);
        this.#sent.set(key, (this.#sent.get(key) ?? 0) + count);
        return { ...place.words, ...outcome, count, buckets: [100 + Math.floor(this.#random() * 50), count] };
      });
      client.send(batchOf(counters, { startMs }));
    }
  }
}

function keyOf({ client, server, method, route }: Place, outcome: string): string {
  return `${client}>${server} ${method} ${route} ${outcome}`;
}
