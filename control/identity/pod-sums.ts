import { addedUp } from "./added-up.ts";
import { podText } from "./pod-end.ts";
import type { PodEnd } from "./pod-end.ts";
import type { Observation, PodTraffic } from "./observation.ts";

/** A status by which the connection went on as another protocol: its duration is no latency. */
const SWITCHED = 101;

/** What one window counted between two pods with one outcome. */
interface Sum {
  readonly first: Observation;
  readonly own: PodEnd;
  readonly peer: PodEnd;
  count: number;
  requestBytes: number;
  responseBytes: number;
  /** Histograms that are still to be added up. */
  readonly histograms: (readonly number[])[];
}

/** Sums the counters of a window over endpoints, by pods. */
export class PodSums {
  readonly #own: PodEnd;
  readonly #sums = new Map<string | number, Sum>();

  /** @param own where the reporter runs, where it stands at an end */
  constructor(own: PodEnd) {
    this.#own = own;
  }

  /**
   * @param key the same for counters of the same peer, side, protocol and outcome
   * @param peer the other end
   * @param own the client, where the reporter stands between the two
   */
  add(key: number, observation: Observation, peer: PodEnd, own = this.#own): void {
    let sum = this.#sums.get(key);
    if (!sum) {
      sum = { first: observation, own, peer, count: 0, requestBytes: 0, responseBytes: 0, histograms: [] };
      this.#sums.set(key, sum);
    }
    sum.count += observation.count;
    sum.requestBytes += observation.requestBytes;
    sum.responseBytes += observation.responseBytes;
    if (observation.buckets.length > 0 && observation.status !== SWITCHED) sum.histograms.push(observation.buckets);
  }

  /** One for each pair of pods, side, protocol and outcome, in the order in which they came. */
  traffic(): PodTraffic[] {
    const byPods = new Map<string, Sum>();
    for (const sum of this.#sums.values()) {
      const { side, protocol, outcome } = sum.first;
      // Several peers may be one: addresses outside, or of pods that nobody knows.
      const client = sum.own === this.#own ? "" : podText(sum.own);
      const text = `${side}\n${protocol}\n${outcome}\n${podText(sum.peer)}\n${client}`;
      const known = byPods.get(text);
      if (known) merge(known, sum);
      else byPods.set(text, sum);
    }
    return [...byPods.values()].map(trafficOf);
  }
}

function merge(into: Sum, { count, requestBytes, responseBytes, histograms }: Sum): void {
  into.count += count;
  into.requestBytes += requestBytes;
  into.responseBytes += responseBytes;
  into.histograms.push(...histograms);
}

function trafficOf({ first, own, peer, count, requestBytes, responseBytes, histograms }: Sum): PodTraffic {
  const { side, protocol, outcome } = first;
  const ends = side === "destination" ? { client: peer, server: own } : { client: own, server: peer };
  return { side, ...ends, protocol, outcome, count, buckets: addedUp(histograms), requestBytes, responseBytes };
}
