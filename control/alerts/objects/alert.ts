/** `kind: Alert`: one condition under which somebody is told. */
import { z } from "zod";
import { TOPOLOGY_EVENTS } from "../rule.ts";
import { groupingProblem } from "../topology/groupings.ts";
import { groupBy, where } from "./conditions.ts";
import { fields, oneOf, readBy, word } from "./fields.ts";
import type { Kind } from "./kind.ts";
import { count, duration, factor, pause, ruleWindow, severity, text, webAddress } from "./parts.ts";
import { parsePercent, parseRate } from "./quantities.ts";
import { usualGrouping } from "./usual-grouping.ts";

const share = readBy(parsePercent, "5%");
const rate = readBy(parseRate, "10/s");
const ofShare = fields({ above: share, clear: share.optional() });

const percentile = z
  .number({ error: "must be a number, such as 99" })
  .min(1, "must be percent, from 1 to below 100, such as 99")
  .lt(100, "must be percent, from 1 to below 100, such as 99");

const ofLatency = fields({
  percentile,
  above: duration({ least: 1, most: 3_600_000, like: "300ms" }),
  /** The share of requests that take longer, below which it is over. */
  clear: share.optional(),
});

const ofRate = fields({ above: rate.optional(), below: rate.optional(), clear: rate.optional() }).superRefine(
  ({ above, below, clear }, context) => {
    if ((above === undefined) === (below === undefined)) {
      context.addIssue({ code: "custom", message: "must have either `above` or `below`" });
    } else if (clear !== undefined && (above === undefined ? clear < below! : clear > above)) {
      const side = above === undefined ? "above `below`" : "below `above`";
      context.addIssue({ code: "custom", path: ["clear"], message: `must be ${side}: it is where the alert is over` });
    }
  },
);

/** Indicators that thresholds are of; one of them. */
const THRESHOLDS = ["errors", "latency", "throughput", "connectFailures", "loss"] as const;

const threshold = fields({
  errors: ofShare.optional(),
  latency: ofLatency.optional(),
  throughput: ofRate.optional(),
  connectFailures: ofShare.optional(),
  loss: ofShare.optional(),
  window: ruleWindow.optional(),
  minRequests: count.optional(),
}).superRefine((given, context) => {
  exactlyOne(given, THRESHOLDS, context);
  for (const name of ["errors", "connectFailures", "loss"] as const) {
    const { above = 0, clear = 0 } = given[name] ?? {};
    if (clear > above) {
      const message = "must be below `above`: it is where the alert is over";
      context.addIssue({ code: "custom", path: [name, "clear"], message });
    }
  }
});

const baseline = fields({
  indicator: word(["errors", "latency", "throughput"]),
  factor: factor.optional(),
  window: ruleWindow.optional(),
  minRequests: count.optional(),
});

/** Conditions; one of them. */
const CONDITIONS = ["threshold", "baseline", "topology", "noData"] as const;

const alertSpec = fields({
  description: text.optional(),
  runbook: webAddress.optional(),
  severity,
  where: where.optional(),
  groupBy: groupBy.optional(),
  threshold: threshold.optional(),
  baseline: baseline.optional(),
  topology: word(TOPOLOGY_EVENTS).optional(),
  noData: fields({ after: duration({ least: 10_000, most: 7 * 86_400_000, like: "5m" }) }).optional(),
  for: pause.optional(),
  keep: pause.optional(),
}).superRefine((given, context) => {
  exactlyOne(given, CONDITIONS, context);
  const event = given.topology ?? (given.noData && "noData");
  if (!event) return;
  const message = groupingProblem(event, { where: given.where ?? [], groupBy: given.groupBy ?? usualGrouping(event) });
  if (message !== "") context.addIssue({ code: "custom", path: ["groupBy"], message });
});

function exactlyOne(
  given: Readonly<Record<string, unknown>>,
  names: readonly string[],
  context: z.core.$RefinementCtx,
): void {
  const present = names.filter((name) => given[name] !== undefined);
  if (present.length === 1) return;
  const message =
    present.length === 0
      ? `must have one of ${oneOf(names, "and")}`
      : `has ${oneOf(present, "and")}, and can have one of them; make an alert of each`;
  context.addIssue({ code: "custom", path: present.slice(1, 2), message });
}

export type AlertSpec = z.infer<typeof alertSpec>;

export const ALERT: Kind<AlertSpec> = { name: "Alert", family: "rule", spec: alertSpec };
