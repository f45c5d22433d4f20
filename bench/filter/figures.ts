/** From what was measured to figures: what each variant adds to a proxy without it, and the ratios with their goals. */
import type { Figure } from "../harness.ts";
import { atMost, measured } from "../harness.ts";
import { difference, medianOf, ratioOf, sum } from "../statistics.ts";
import type { Variant } from "./bootstrap.ts";
import type { Scenario } from "./scenarios.ts";
import type { Turn } from "./turns.ts";

/** Goals: Sidelight's processor time to the access log's, in the proxy and with the receivers. */
const PROXY_RATIO = 1.0;
const TOTAL_RATIO = 0.25;

type Part = keyof Turn;

export function figuresOf({ title, variants }: Scenario, turns: ReadonlyMap<Variant, readonly Turn[]>): Figure[] {
  const values = (variant: Variant, part: Part): number[] => (turns.get(variant) ?? []).map((turn) => turn[part]);
  const added = (variant: Variant, part: Part): number[] => difference(values(variant, part), values("none", part));
  const inAll = (variant: Variant): number[] => sum(added(variant, "proxy"), values(variant, "receiver"));
  const others = variants.filter((variant) => variant !== "none");
  const named = (what: string): string => `${title}: ${what}`;
  const sidelight = others.filter((variant) => variant.startsWith("Sidelight"));
  const reporting = [...sidelight, "gRPC access log" as const];

  return [
    ...sidelight.flatMap((variant) => [
      atMost(
        named(`${variant} / gRPC access log, proxy`),
        ratioOf(added(variant, "proxy"), added("gRPC access log", "proxy")),
        ...([PROXY_RATIO, "x"] as const),
      ),
      atMost(
        named(`${variant} / gRPC access log, proxy + receiver`),
        ratioOf(inAll(variant), inAll("gRPC access log")),
        ...([TOTAL_RATIO, "x"] as const),
      ),
    ]),
    measured(named("proxy without a filter"), medianOf(values("none", "proxy")), "us"),
    ...others.map((variant) => measured(named(`proxy, added by ${variant}`), medianOf(added(variant, "proxy")), "us")),
    ...reporting.map((variant) =>
      measured(named(`receiver of ${variant}`), medianOf(values(variant, "receiver")), "us"),
    ),
    ...variants.map((variant) =>
      measured(named(`requests/s, ${variant}`), medianOf(values(variant, "perSecond")), "/s"),
    ),
    ...others.map((variant) => measured(named(`p99 added by ${variant}`), medianOf(added(variant, "p99")), "ms")),
  ];
}
