/** From what was measured to figures: what each variant adds to a proxy without it, and the ratios with their goals. */
import type { Figure } from "../harness.ts";
import { atMost, measured } from "../harness.ts";
import { difference, medianOf, ratioOf, sum } from "../statistics.ts";
import type { Samples } from "../statistics.ts";
import type { Scenario } from "./scenarios.ts";
import type { Measured, Round } from "./turns.ts";
import { ACCESS_LOG, GENERATED_DECODER, receiverOf } from "./variants.ts";
import type { Variant } from "./variants.ts";

/** Goals: Sidelight's processor time to the access log's, in the proxy and with the receivers. */
const PROXY_RATIO = 1.0;
const TOTAL_RATIO = 0.25;

const RATIOS = "Sidelight's processor time / the gRPC access log's";
const IN_PROXY = `proxy (goal <= ${PROXY_RATIO})`;
const IN_ALL = `proxy + receiver (goal <= ${TOTAL_RATIO})`;
const IN_ALL_GENERATED = "proxy + receiver, generated decoder";

/** The figures of one scenario, those with goals first. */
export function figuresOf(scenario: Scenario, { rounds, foreign }: Measured): Figure[] {
  const { title, variants, rate } = scenario;
  const samples = new VariantSamples(rounds);
  // What its receiver decodes with makes no difference in the proxy.
  const others = variants.filter((variant) => variant !== "none" && variant !== GENERATED_DECODER);
  const reporting = variants.filter(receiverOf);
  const inTable = (table: string, columns: readonly Column[]): Figure[] =>
    columns.map(([column, value, unit]) => ({
      ...measured(`${title}: ${table}, ${column}`, medianOf(value), unit),
      cell: { table: `${table}, ${UNITS[unit]}`, row: title, column },
    }));
  return [
    ...ratios(scenario, samples),
    ...inTable("Proxy", [
      ["with nothing added", samples.proxy("none"), "us"],
      ...others.map((variant): Column => [`${variant} adds`, samples.added(variant), "us"]),
    ]),
    ...inTable(
      "Receiver",
      reporting.map((variant): Column => [variant, samples.receiver(variant), "us"]),
    ),
    ...(rate === undefined
      ? inTable(
          "Requests",
          ["none" as const, ...others].map((variant): Column => [variant, samples.perSecond(variant), "/s"]),
        )
      : []),
    ...inTable(
      "99th percentile",
      others.map((variant): Column => [`${variant} adds`, samples.slower(variant), "ms"]),
    ),
    {
      ...measured(`${title}: of the machine's processors others had at most`, Math.max(0, ...foreign) * 100, "%"),
      cell: { table: RATIOS, row: title, column: "others on the machine, %" },
    },
  ];
}

type Column = readonly [name: string, value: Samples, unit: keyof typeof UNITS];

const UNITS = { us: "microseconds of processor time a request", "/s": "a second", ms: "milliseconds" } as const;

function ratios({ title, variants }: Scenario, samples: VariantSamples): Figure[] {
  const rivals = { lean: samples.inAll(ACCESS_LOG), generated: samples.inAll(GENERATED_DECODER) };
  return variants
    .filter((variant) => receiverOf(variant) === "sidelight")
    .flatMap((variant) => {
      const row = variant === "Sidelight filter" ? title : `${title}, as access logger`;
      const what = (column: string): string => `${title}: ${variant} / ${ACCESS_LOG}, ${column}`;
      const inProxy = ratioOf(samples.added(variant), samples.added(ACCESS_LOG));
      const inAll = ratioOf(samples.inAll(variant), rivals.lean);
      const figures = [
        { ...atMost(what("proxy"), inProxy, PROXY_RATIO, "x"), cell: { table: RATIOS, row, column: IN_PROXY } },
        { ...atMost(what("proxy + receiver"), inAll, TOTAL_RATIO, "x"), cell: { table: RATIOS, row, column: IN_ALL } },
      ];
      if (!variants.includes(GENERATED_DECODER)) return figures;
      const generated = measured(what(IN_ALL_GENERATED), ratioOf(samples.inAll(variant), rivals.generated), "x");
      return [...figures, { ...generated, cell: { table: RATIOS, row, column: IN_ALL_GENERATED } }];
    });
}

/** What was measured of each variant, by rounds. */
class VariantSamples {
  constructor(readonly rounds: Measured["rounds"]) {}

  /** What the proxy took, the last report with it. */
  proxy(variant: Variant): Samples {
    const slices = this.#of(variant, (round) => round.slices);
    return sum(
      slices,
      this.#of(variant, (round) => [round.report]),
    );
  }

  added(variant: Variant): Samples {
    return difference(this.proxy(variant), this.proxy("none"));
  }

  receiver(variant: Variant): Samples {
    return this.#of(variant, (round) => [round.receiver]);
  }

  inAll(variant: Variant): Samples {
    return sum(this.added(variant), this.receiver(variant));
  }

  perSecond(variant: Variant): Samples {
    return this.#of(variant, (round) => [round.perSecond]);
  }

  /** By how much the 99th percentile is later. */
  slower(variant: Variant): Samples {
    const p99 = (of: Variant): Samples => this.#of(of, (round) => [round.p99]);
    return difference(p99(variant), p99("none"));
  }

  #of(variant: Variant, values: (round: Round) => readonly number[]): Samples {
    return (this.rounds.get(variant) ?? []).map(values);
  }
}
