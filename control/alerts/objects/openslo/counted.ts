/** What an SLI of OpenSLO counts, in Sidelight's terms. */
import { SIDELIGHT_SOURCE } from "./shapes.ts";
import type { OpenObjective } from "./shapes.ts";

/** Annotations that say what is counted in place of a metric source of another type. */
export const INDICATOR = "sidelight.dev/indicator";
export const WHERE = "sidelight.dev/where";
export const OWNER = "sidelight.dev/owner";

/** Fields of a Sidelight SLO, as they are written. */
export interface Counted {
  readonly indicator: unknown;
  readonly where?: unknown;
  readonly groupBy?: unknown;
}

/** Something that does not fit, at a place in the SLI's spec. */
export class Unfit extends Error {
  override readonly name = "Unfit";

  constructor(
    readonly path: readonly (string | number)[],
    message: string,
  ) {
    super(message);
  }
}

type Written = Readonly<Record<string, unknown>>;

/**
 * @param sli the spec as it is written, checked
 * @throws Unfit where nothing says it in Sidelight's terms
 */
export function countedBy(
  sli: Written,
  objective: OpenObjective,
  annotations: Readonly<Record<string, string>>,
): Counted {
  const annotated = annotations[INDICATOR];
  if (annotated !== undefined) return byAnnotation(annotated, annotations[WHERE]);
  const threshold = sli["thresholdMetric"] as Written | undefined;
  if (threshold) return byThreshold(sourceOf(threshold, ["thresholdMetric"]), objective);
  const ratio = sli["ratioMetric"] as Readonly<Record<string, Written | undefined>>;
  const part = ratio["good"] ? "good" : ratio["bad"] ? "bad" : undefined;
  if (part === undefined) throw new Unfit(["ratioMetric"], "must have `good` or `bad`, and `total`");
  const { indicator = "availability", ...conditions } = sourceOf(ratio[part]!, ["ratioMetric", part]);
  return { indicator, ...conditions };
}

/** "availability", "connect" or "latency under 300ms"; conditions with commas between them. */
function byAnnotation(text: string, conditions: string | undefined): Counted {
  const [, under] = /^latency under (\S+)$/.exec(text.trim()) ?? [];
  const where = conditions
    ?.split(/[,\n]/)
    .map((each) => each.trim())
    .filter((each) => each !== "");
  return { indicator: under === undefined ? text.trim() : { latency: { under } }, ...(where ? { where } : {}) };
}

function byThreshold({ unit, indicator: _, ...conditions }: Written, { op, value }: OpenObjective): Counted {
  if (value === undefined || op === undefined) {
    throw new Unfit(["thresholdMetric"], "its objective must have `op: lte` and a `value`");
  }
  if (op !== "lte" && op !== "lt")
    throw new Unfit(["thresholdMetric"], "a latency is good below a limit; write `op: lte`");
  return { indicator: { latency: { under: `${value}${unit as string}` } }, ...conditions };
}

function sourceOf(metric: Written, path: readonly string[]): Written {
  const { type, spec = {} } = metric["metricSource"] as { readonly type?: string; readonly spec?: Written };
  if (type === SIDELIGHT_SOURCE) return spec;
  throw new Unfit(
    [...path, "metricSource"],
    `Sidelight counts itself, and asks no ${type ?? "other source"}; write \`type: Sidelight\` with \`spec: { where: [workload=shop/user], ` +
      `indicator: availability }\`, or the annotations ${INDICATOR} and ${WHERE}`,
  );
}
