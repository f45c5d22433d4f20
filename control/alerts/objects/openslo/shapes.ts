/**
 * OpenSLO v1 as far as its terms fit (https://github.com/OpenSLO/OpenSLO, README.md, "Object Types"). What does not fit is refused
 * where it stands, with what to write instead.
 */
import { z } from "zod";
import { groupBy, where } from "../conditions.ts";
import { fields, formOf, readBy, word } from "../fields.ts";
import { parseDuration } from "../quantities.ts";
import { indicator } from "../slo.ts";

export const OPENSLO_VERSION = "openslo/v1";

/** What of Sidelight a metric source may say, and its name among the types of sources. */
export const SIDELIGHT_SOURCE = "Sidelight";

const name = z.string({ error: "must be there" });
const text = z.string().max(4_096).optional();
const anything = z.unknown().optional();

/** What there is in OpenSLO and has no meaning here. */
const refused = (why: string): z.ZodOptional<z.ZodType<undefined>> =>
  z
    .unknown()
    .transform((given, context): undefined => {
      context.issues.push({ code: "custom", message: why, input: given });
      return undefined;
    })
    .optional();

const labels = z.record(z.string(), z.union([z.string(), z.array(z.string())]), { error: "must hold texts by name" });

export const metadata = fields({
  name,
  displayName: text,
  labels: labels.optional(),
  annotations: z.record(z.string(), z.string(), { error: "must hold texts by name" }).optional(),
});

/** OpenSLO's months, quarters and years have no length. */
const time = readBy((given) => {
  if (/^\d+[MQY]$/.test(given)) throw new Error(`${given} has no fixed length; write days, such as 30d or 90d`);
  return parseDuration(given);
}, "30d");

const sidelightSource = fields({
  where: where.optional(),
  groupBy: groupBy.optional(),
  indicator: indicator.optional(),
});
const latencySource = fields({
  where: where.optional(),
  groupBy: groupBy.optional(),
  indicator: z.literal("latency", { error: "must be latency: of it thresholds are" }),
  unit: word(["ms", "s"]),
});

function metric(spec: z.ZodType): z.ZodType<Metric> {
  const own = fields({ metricSourceRef: text, type: z.literal(SIDELIGHT_SOURCE), spec: spec.optional() });
  const other = fields({ metricSourceRef: text, type: text, spec: anything });
  return fields({ metricSource: formOf<Metric["metricSource"]>((given) => (isOwn(given) ? own : other)) });
}

/** Who has the numbers, and what is asked of it. */
export interface Metric {
  readonly metricSource: { readonly type?: string | undefined; readonly spec?: unknown };
}

function isOwn(given: unknown): boolean {
  return typeof given === "object" && given !== null && "type" in given && given.type === SIDELIGHT_SOURCE;
}

const ratioMetric = fields({
  counter: anything,
  good: metric(sidelightSource).optional(),
  bad: metric(sidelightSource).optional(),
  total: metric(sidelightSource).optional(),
  rawType: anything,
  raw: refused("Sidelight takes no ratios from elsewhere, it counts; write `good` and `total` with `type: Sidelight`"),
});

export const sliSpec = fields({
  description: text,
  ratioMetric: ratioMetric.optional(),
  thresholdMetric: metric(latencySource).optional(),
}).refine((given) => (given.ratioMetric === undefined) !== (given.thresholdMetric === undefined), {
  error: "must have either `ratioMetric` or `thresholdMetric`",
});

export type Sli = z.infer<typeof sliSpec>;

const objective = fields({
  displayName: text,
  op: word(["lte", "lt", "gte", "gt"]).optional(),
  value: z.number({ error: "must be a number" }).positive("must be above 0").optional(),
  target: z
    .number()
    .gte(0.5, "must be a share from 0.5 to below 1, such as 0.999")
    .lt(1, "must be below 1, such as 0.999")
    .optional(),
  targetPercent: z
    .number()
    .gte(50, "must be percent from 50 to below 100, such as 99.9")
    .lt(100, "must be below 100, such as 99.9")
    .optional(),
  timeSliceTarget: refused("time slices are not counted here; leave it out, and write `budgetingMethod: Occurrences`"),
  timeSliceWindow: refused("time slices are not counted here; leave it out, and write `budgetingMethod: Occurrences`"),
  indicator: refused("objectives cannot be put together of several; make an SLO of each"),
  indicatorRef: refused("objectives cannot be put together of several; make an SLO of each"),
  compositeWeight: refused("objectives cannot be put together of several; make an SLO of each"),
}).refine(({ target, targetPercent }) => (target === undefined) !== (targetPercent === undefined), {
  error: "must have either `target` or `targetPercent`",
});

export type OpenObjective = z.infer<typeof objective>;

const timeWindow = fields({
  duration: time,
  isRolling: z.literal(true, { error: "must be true: windows are rolling here" }),
  calendar: refused("windows are rolling here; leave it out, and write `isRolling: true`"),
});

export const conditionSpec = fields({
  description: text,
  severity: word(["critical", "page", "warning", "ticket"]),
  condition: fields({
    kind: z.literal("burnrate", { error: "must be burnrate" }).optional(),
    op: word(["gt", "gte"]),
    threshold: z.number({ error: "must be a number, such as 14.4" }).positive("must be above 0"),
    lookbackWindow: time,
    alertAfter: time.optional(),
  }),
});

export type OpenCondition = z.infer<typeof conditionSpec>;

const inlineCondition = fields({
  apiVersion: text,
  kind: z.literal("AlertCondition"),
  metadata: metadata.optional(),
  spec: conditionSpec,
});
const hasRef = (given: unknown, ref: string): boolean => typeof given === "object" && given !== null && ref in given;

export const policySpec = fields({
  description: text,
  alertWhenNoData: z
    .literal(false, { error: "must be false; silence is told by an Alert of Sidelight with `noData`" })
    .optional(),
  alertWhenResolved: z.boolean().optional(),
  alertWhenBreaching: z.literal(true, { error: "must be true: nothing else is told of here" }).optional(),
  conditions: z
    .array(
      formOf<{ readonly conditionRef?: string; readonly spec?: OpenCondition }>((given) =>
        hasRef(given, "conditionRef") ? fields({ conditionRef: name }) : inlineCondition,
      ),
    )
    .length(1, "must hold one condition"),
  notificationTargets: anything,
});

export type OpenPolicy = z.infer<typeof policySpec>;

const inlinePolicy = fields({
  apiVersion: text,
  kind: z.literal("AlertPolicy"),
  metadata: metadata.optional(),
  spec: policySpec,
});

export const openSloSpec = fields({
  description: text,
  service: text,
  indicator: fields({ apiVersion: text, kind: text, metadata: metadata.optional(), spec: sliSpec }).optional(),
  indicatorRef: text,
  timeWindow: z.array(timeWindow).length(1, "must hold one window").optional(),
  budgetingMethod: z
    .literal("Occurrences", { error: "must be Occurrences: requests are counted here, not time slices" })
    .optional(),
  objectives: z.array(objective, "must be a list").min(1, "must hold one objective at least").max(16),
  alertPolicies: z
    .array(
      formOf<{ readonly alertPolicyRef?: string; readonly spec?: OpenPolicy }>((given) =>
        hasRef(given, "alertPolicyRef") ? fields({ alertPolicyRef: name }) : inlinePolicy,
      ),
    )
    .max(3, "must hold three policies at most, as many windows as an SLO has here")
    .optional(),
}).refine((given) => (given.indicator === undefined) !== (given.indicatorRef === undefined), {
  error: "must have either `indicator` or `indicatorRef`",
});

export type OpenSlo = z.infer<typeof openSloSpec>;
