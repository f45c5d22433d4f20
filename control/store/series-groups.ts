/** What series are made of, whatever the engine: which group something belongs to, and which groups are series of their own. */
import type { NodeIdentity } from "../identity/node.ts";
import type { Counted } from "../world/counted.ts";
import { TooMuchWork } from "../world/pattern.ts";
import { MAX_GROUPS } from "./questions.ts";
import type { CheckedSeries } from "./questions.ts";

/** What of a counter says which group it belongs to; ends by their ids. */
export interface CounterKey extends Pick<Counted, "protocol" | "method" | "route"> {
  readonly client: string;
  readonly server: string;
}

/** Gives everything that is counted its group, by number in the order in which they come. Each thing is looked at once. */
export class SeriesGroups {
  readonly #question: CheckedSeries;
  readonly #nodeOf: (id: string) => NodeIdentity | undefined;
  readonly #known = new Map<string, number | undefined>();
  readonly #numbers = new Map<string, number>();
  /** By number. */
  readonly labels: (readonly string[])[] = [];

  /** @param nodeOf what a node was at the end of the range */
  constructor(question: CheckedSeries, nodeOf: (id: string) => NodeIdentity | undefined) {
    this.#question = question;
    this.#nodeOf = nodeOf;
  }

  /** Undefined for what does not match. Throws TooMuchWork past the limit of groups, or of what matching may take. */
  of(key: CounterKey): number | undefined {
    const { client, server, protocol, method, route } = key;
    const text = JSON.stringify([client, server, protocol, method, route]);
    if (this.#known.has(text)) return this.#known.get(text);
    const group = this.#groupOf({ client: this.#node(client), server: this.#node(server), protocol, method, route });
    this.#known.set(text, group);
    return group;
  }

  #groupOf(counted: Counted): number | undefined {
    const { matches, labelsOf } = this.#question;
    if (matches && !matches(counted)) return undefined;
    const labels = labelsOf?.(counted) ?? [];
    const text = JSON.stringify(labels);
    const known = this.#numbers.get(text);
    if (known !== undefined) return known;
    if (this.labels.length === MAX_GROUPS) {
      throw new TooMuchWork(
        `There are more than ${MAX_GROUPS} groups; narrow the question with filters, or group by fewer attributes`,
      );
    }
    this.#numbers.set(text, this.labels.length);
    return this.labels.push(labels) - 1;
  }

  #node(id: string): NodeIdentity {
    const nobody = { kind: "unresolved", namespace: "", name: id, workloadKind: "", service: "", reason: "" } as const;
    return this.#nodeOf(id) ?? { id, ...nobody };
  }
}

/** One series of an answer. */
export interface PlannedSeries {
  readonly labels: readonly string[];
  readonly isRest: boolean;
  /** Whether durations of connections are its percentiles, and not latencies of requests. */
  readonly isOfTcp: boolean;
}

/** Which series there are, and which of them each group is counted in. */
export interface SeriesPlan {
  readonly series: readonly PlannedSeries[];
  /** By the number of a group, the position of its series. */
  readonly seriesOf: (group: number) => number;
}

/** Every group a series of its own. */
export function planAll(question: CheckedSeries, labels: readonly (readonly string[])[]): SeriesPlan {
  return { series: labels.map((each) => planned(question, each)), seriesOf: (group) => group };
}

/** Of many groups the first so many series of their own, and the others one more. */
export function planFirst(
  question: CheckedSeries,
  labels: readonly (readonly string[])[],
  inOrder: readonly number[],
): SeriesPlan {
  const first = inOrder.slice(0, question.top);
  const positions = new Map(first.map((group, at) => [group, at]));
  const rest = { ...planned(question, []), isRest: true };
  return {
    series: [...first.map((group) => planned(question, labels[group]!)), rest],
    seriesOf: (group) => positions.get(group) ?? first.length,
  };
}

function planned({ isOfTcp, selection }: CheckedSeries, labels: readonly string[]): PlannedSeries {
  return { labels, isRest: false, isOfTcp: selection.protocol === "tcp" || (isOfTcp?.(labels) ?? false) };
}
