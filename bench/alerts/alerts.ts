/** Whether the default rules tell of what harms, and of nothing else; and what judging many rules costs. */
import { atLeast, atMost, measured } from "../harness.ts";
import type { Bench, BenchOptions, BenchResult, Figure } from "../harness.ts";
import { median, quantile } from "../statistics.ts";
import { HARMFUL } from "./faults.ts";
import type { Fared, JudgedWeek } from "./run-week.ts";
import { measureTicks, shareOfCore } from "./ticks.ts";
import { judgeWeeks } from "./weeks.ts";

const WEEKS = 100;
/** Seeds of the weeks that rules are judged by, and of those that they may be tuned by. */
const FIRST_SEED = { weeks: 1_001, tuning: 1 } as const;
const RULES = ["availability", "latency", "endpoint-errors", "endpoint-slow"] as const;
const BASELINE = "endpoint-slower-than-usual";

export const alerts: Bench = {
  name: "alerts",
  about: "Precision, recall and time to detect of the default rules over simulated weeks, and what 10,000 rules cost.",
  parts: ["weeks", "tuning", "ticks"],
  run,
};

async function run(say: (line: string) => void, { only, rounds = WEEKS }: BenchOptions): Promise<BenchResult> {
  const figures: Figure[] = [];
  const isWanted = (part: string): boolean => (only.length === 0 ? part !== "tuning" : only.includes(part));
  for (const part of ["weeks", "tuning"] as const) {
    if (!isWanted(part)) continue;
    const seeds = Array.from({ length: rounds }, (_, at) => FIRST_SEED[part] + at);
    figures.push(...figuresOf(await judgeWeeks(seeds, say)));
  }
  if (isWanted("ticks")) figures.push(...costs());
  return { name: "alerts", figures };
}

function costs(): Figure[] {
  const cost = measureTicks();
  return [
    atMost("10,000 rules, 2,000 workloads, each 10 s: processor time", shareOfCore(cost), 0.5, "cores"),
    measured("of that judging", cost.judgingSeconds * 1_000, "ms a tick"),
    measured("the first time, when all is new", cost.firstSeconds * 1_000, "ms"),
    measured("alerts that are pending or firing meanwhile", cost.alerts, ""),
  ];
}

function figuresOf(weeks: readonly JudgedWeek[]): Figure[] {
  const fared = weeks.flatMap((week) => week.fared);
  const burning = fared.filter(({ isBurning }) => isBurning);
  const paged = burning.filter(isPaged);
  const truePages = sum(fared.map(({ pages }) => pages));
  const falseAlarms = weeks.flatMap((week) => week.falseAlarms);
  const falsePages = falseAlarms.filter(({ isPage }) => isPage);
  return [
    measured("weeks of 20 workloads with 20 faults each", weeks.length, ""),
    measured("faults that burn > 2 % of a 30-day budget in an hour", burning.length, ""),
    atLeast("precision of pages", share(truePages, truePages + falsePages.length), 95, "%"),
    atLeast("recall of faults that burn > 2 % in an hour", share(paged.length, burning.length), 95, "%"),
    measured("false pages a week", falsePages.length / weeks.length, ""),
    measured("warnings a week outside of faults", (falseAlarms.length - falsePages.length) / weeks.length, ""),
    measured("pages a fault that was told of", truePages / fared.filter(isPaged).length, ""),
    measured("origin named right", share(paged.filter(({ isOriginRight }) => isOriginRight).length, paged.length), "%"),
    ...HARMFUL.flatMap((kind) =>
      ofKind(
        kind,
        fared.filter((each) => each.kind === kind),
      ),
    ),
    ...RULES.flatMap((rule) => ofRule(rule, weeks)),
    ...ofBaseline(weeks),
    ...harmlessOf(weeks),
  ];
}

function ofKind(kind: string, fared: readonly Fared[]): Figure[] {
  const cell = (column: string) => ({ table: "Faults by kind", row: kind, column });
  const burning = fared.filter(({ isBurning }) => isBurning);
  const slower = fared.filter(({ isBurning }) => !isBurning);
  const after = fared.flatMap(({ pagedAfter }) => pagedAfter ?? []);
  const rightOf = fared.filter(isPaged);
  const counted = (column: string, value: number): Figure[] =>
    Number.isNaN(value) ? [] : [{ ...measured(`${kind}: ${column}`, value, ""), cell: cell(column) }];
  return [
    ...counted("burn > 2 % in an hour", burning.length),
    ...counted("of them told of, %", share(burning.filter(isPaged).length, burning.length)),
    ...counted("others", slower.length),
    ...counted("of the others told of, %", share(slower.filter(isPaged).length, slower.length)),
    ...counted("told after, s, median", median(after)),
    ...counted("told after, s, 95 %", quantile(after, 0.95)),
    ...counted("origin right, %", share(rightOf.filter(({ isOriginRight }) => isOriginRight).length, rightOf.length)),
  ];
}

/** How often a rule fired for a fault, and for none; of all faults it need not tell of each. */
function ofRule(rule: string, weeks: readonly JudgedWeek[]): Figure[] {
  const fared = weeks.flatMap((week) => week.fared);
  const burning = fared.filter(({ isBurning }) => isBurning);
  const right = fared.filter(({ rules }) => rules.includes(rule)).length;
  const wrong = weeks.flatMap((week) => week.falseAlarms).filter(({ isPage, rules }) => isPage && rules.includes(rule));
  const told = burning.filter(({ rules }) => rules.includes(rule));
  const figure = (column: string, value: number): Figure => ({
    ...measured(`${rule}: ${column}`, value, ""),
    cell: { table: "Rules", row: rule, column },
  });
  return [
    figure("faults told of", right),
    figure("false pages", wrong.length),
    figure("precision, %", share(right, right + wrong.length)),
    figure("among those told first of faults that burn > 2 %, %", share(told.length, burning.length)),
  ];
}

/** What is slower than usual and under a second is worth a warning. */
function ofBaseline(weeks: readonly JudgedWeek[]): Figure[] {
  const after = weeks.flatMap(({ warnedAfter }) => warnedAfter ?? []);
  const wrong = weeks.flatMap((week) => week.falseAlarms).filter(({ rules }) => rules.includes(BASELINE));
  return [
    measured("servers that became 4 to 6 times as slow, under a second", weeks.length, ""),
    measured("of them warned of", share(after.length, weeks.length), "%"),
    ...(after.length > 0 ? [measured("warned after, median", median(after), "s")] : []),
    measured("warnings a week that an endpoint is slower than usual, and is not", wrong.length / weeks.length, ""),
  ];
}

/** What false pages were about. */
function harmlessOf(weeks: readonly JudgedWeek[]): Figure[] {
  const pages = weeks.flatMap((week) => week.falseAlarms).filter(({ isPage }) => isPage);
  const kinds = [...new Set(pages.map(({ kind }) => kind))].sort();
  return kinds.map((kind) => {
    const what = kind === "" ? "false pages for no fault at all" : `false pages for what is harmless: ${kind}`;
    return measured(what, pages.filter((page) => page.kind === kind).length, "");
  });
}

function isPaged({ pagedAfter }: Fared): boolean {
  return pagedAfter !== null;
}

function sum(values: readonly number[]): number {
  return values.reduce((all, value) => all + value, 0);
}

/** In percent. */
function share(some: number, all: number): number {
  return (100 * some) / all;
}
