/** From what was measured to figures: what each variant adds to a proxy without it, and the ratios with their goals. */
import type { Figure } from "../harness.ts";
import { atMost, measured } from "../harness.ts";
import { difference, medianOf, ratioOf, sum } from "../statistics.ts";
import type { Samples } from "../statistics.ts";
import type { Variant } from "./bootstrap.ts";
import type { Scenario } from "./scenarios.ts";
import type { Measured, Round } from "./turns.ts";

/** Goals: Sidelight's processor time to the access log's, in the proxy and with the receivers. */
const PROXY_RATIO = 1.0;
const TOTAL_RATIO = 0.25;

const ACCESS_LOG: Variant = "gRPC access log";

/** The figures of one scenario, those with goals first. */
export function figuresOf({ title, variants, rate }: Scenario, { rounds, foreign }: Measured): Figure[] {
  const samples = (variant: Variant, of: (round: Round) => number | readonly number[]): Samples =>
    (rounds.get(variant) ?? []).map((round) => [of(round)].flat());
  const receiver = (variant: Variant): Samples => samples(variant, (round) => round.receiver);
  const p99 = (variant: Variant): Samples => samples(variant, (round) => round.p99);
  const proxy = (variant: Variant): Samples =>
    sum(
      samples(variant, (round) => round.slices),
      samples(variant, (round) => round.report),
    );
  const added = (variant: Variant): Samples => difference(proxy(variant), proxy("none"));
  const inAll = (variant: Variant): Samples => sum(added(variant), receiver(variant));

  const others = variants.filter((variant) => variant !== "none");
  const sidelight = others.filter((variant) => variant.startsWith("Sidelight"));
  const what = (text: string): string => `${title}: ${text}`;
  const ratios = sidelight.flatMap((variant) => {
    const inProxy = ratioOf(added(variant), added(ACCESS_LOG));
    const all = ratioOf(inAll(variant), inAll(ACCESS_LOG));
    return [
      atMost(what(`${variant} / ${ACCESS_LOG}, proxy`), inProxy, PROXY_RATIO, "x"),
      atMost(what(`${variant} / ${ACCESS_LOG}, proxy + receiver`), all, TOTAL_RATIO, "x"),
    ];
  });
  const costs = [
    measured(what("proxy with nothing added"), medianOf(proxy("none")), "us"),
    ...others.map((variant) => measured(what(`proxy, ${variant} adds`), medianOf(added(variant)), "us")),
    ...[...sidelight, ACCESS_LOG].map((variant) =>
      measured(what(`receiver of ${variant}`), medianOf(receiver(variant)), "us"),
    ),
  ];
  const perSecond = variants.map((variant) =>
    measured(what(`requests/s, ${variant}`), medianOf(samples(variant, (round) => round.perSecond)), "/s"),
  );
  const slower = others.map((variant) =>
    measured(what(`p99, ${variant} adds`), medianOf(difference(p99(variant), p99("none"))), "ms"),
  );
  const disturbed = measured(what("processors taken by others, at most"), Math.max(0, ...foreign) * 100, "%");
  return [...ratios, ...costs, ...(rate === undefined ? perSecond : []), ...slower, disturbed];
}
