/** What the mesh's counters say of a stretch of time: requests come as they like (Poisson), with the shape of the week. */
import { BUCKET_COUNT, bucketIndex, bucketLower } from "../../control/world/histogram.ts";
import { generator } from "../statistics.ts";
import { normal } from "./mesh.ts";
import type { Counter } from "./mesh.ts";

/** One counter of one slot. */
export interface Counted {
  /** Its place among the mesh's counters. */
  readonly counter: number;
  readonly count: number;
  /** (index, count) pairs. */
  readonly buckets: number[];
}

const HOUR_MS = 3_600_000;
const NIGHT = 0.01;
const WEEKEND = 0.15;
/** Counters that are met less often than this in a slot are drawn together. */
const RARE = 0.05;
/** Above so many requests each bucket is drawn, below each request. */
const MANY = 200;

/** What share of its peak the load has: office hours, little at night and at the end of the week. */
export function shapeAt(ms: number): number {
  const hour = (ms / HOUR_MS) % 24;
  const day = Math.floor(ms / HOUR_MS / 24 + 4) % 7;
  const office = Math.exp(-(((hour - 13.5) / 4) ** 4));
  return NIGHT + (1 - NIGHT) * office * (day === 0 || day === 6 ? WEEKEND : 1);
}

/** Draws slot after slot; the same for the same seed and order of slots. */
export class Traffic {
  /** The most frequent first. */
  readonly #order: readonly number[];
  readonly #mesh: readonly Counter[];
  /** Of each counter in that order, how much all from there on come to, a second. */
  readonly #rest: Float64Array;
  readonly #latencies: readonly Latencies[];
  readonly #random: () => number;

  constructor(mesh: readonly Counter[], seed: number) {
    this.#mesh = mesh;
    this.#order = mesh.map((_, at) => at).sort((a, b) => mesh[b]!.perSecond - mesh[a]!.perSecond);
    this.#rest = new Float64Array(mesh.length + 1);
    for (let at = mesh.length - 1; at >= 0; at--) {
      this.#rest[at] = this.#rest[at + 1]! + mesh[this.#order[at]!]!.perSecond;
    }
    this.#random = generator(seed);
    this.#latencies = mesh.map((counter) => new Latencies(counter, this.#random));
  }

  /** The counters of one slot that counted anything. */
  slot(startMs: number, slotMs: number): Counted[] {
    const scale = shapeAt(startMs + slotMs / 2) * (slotMs / 1_000);
    const counts = new Map<number, number>();
    let at = 0;
    for (; at < this.#order.length; at++) {
      const counter = this.#order[at]!;
      const mean = this.#mesh[counter]!.perSecond * scale;
      if (mean < RARE) break;
      const count = poisson(mean, this.#random);
      if (count > 0) counts.set(counter, count);
    }
    for (let left = poisson(this.#rest[at]! * scale, this.#random); left > 0; left--) {
      const counter = this.#rare(at);
      counts.set(counter, (counts.get(counter) ?? 0) + 1);
    }
    return [...counts].map(([counter, count]) => {
      const buckets = this.#latencies[counter]!.draw(count);
      return { counter, count: totalOf(buckets), buckets };
    });
  }

  /** One of the counters from `first` on, each as often as its rate says. */
  #rare(first: number): number {
    const wanted = this.#rest[first]! * this.#random();
    let [low, high] = [first, this.#order.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#rest[middle]! > wanted) low = middle;
      else high = middle - 1;
    }
    return this.#order[low]!;
  }
}

/** Draws latencies of one counter as buckets. */
class Latencies {
  readonly #first: number;
  /** What share of latencies lies in each bucket from the first on, and in all up to it. */
  readonly #shares: number[] = [];
  readonly #until: number[] = [];
  readonly #random: () => number;

  constructor({ logMicros, logDeviation }: Counter, random: () => number) {
    this.#random = random;
    const at = (deviations: number): number => bucketIndex(Math.exp(logMicros + deviations * logDeviation));
    this.#first = at(-3);
    let sum = 0;
    for (let index = this.#first; index <= Math.min(at(3.5), BUCKET_COUNT - 2); index++) {
      const [low, high] = [bucketLower(index), bucketLower(index + 1)];
      const from = (Math.log((low + high) / 2) - logMicros) / logDeviation;
      const share = (Math.exp(-(from ** 2) / 2) * (high - low)) / ((low + high) / 2);
      this.#shares.push(share);
      this.#until.push((sum += share));
    }
    for (const list of [this.#shares, this.#until]) list.forEach((share, place) => (list[place] = share / sum));
  }

  draw(count: number): number[] {
    return count > MANY ? this.#eachBucket(count) : this.#eachRequest(count);
  }

  #eachBucket(count: number): number[] {
    const buckets: number[] = [];
    for (let place = 0; place < this.#shares.length; place++) {
      const drawn = poisson(this.#shares[place]! * count, this.#random);
      if (drawn > 0) buckets.push(this.#first + place, drawn);
    }
    return buckets;
  }

  #eachRequest(count: number): number[] {
    const places = new Uint16Array(count);
    for (let at = 0; at < count; at++) places[at] = this.#place();
    places.sort();
    const buckets: number[] = [];
    for (const place of places) {
      if (buckets.at(-2) === this.#first + place) buckets[buckets.length - 1]! += 1;
      else buckets.push(this.#first + place, 1);
    }
    return buckets;
  }

  #place(): number {
    const wanted = this.#random();
    let [low, high] = [0, this.#until.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#until[middle]! < wanted) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function totalOf(buckets: readonly number[]): number {
  let total = 0;
  for (let at = 1; at < buckets.length; at += 2) total += buckets[at]!;
  return total;
}

/** How many come where so many come on average (Knuth; above 30 by the normal distribution). */
function poisson(mean: number, random: () => number): number {
  if (mean > 30) return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal(random)));
  const limit = Math.exp(-mean);
  let count = 0;
  for (let product = random(); product > limit; product *= random()) count += 1;
  return count;
}
