/** Rules as rows of a table: out of the objects that control states. Pure. */
import type { Severity } from "../../../control/alerts/rule.ts";
import type { ObjectOrigin, ShownAlert, StatedObject } from "../../../control/api/alert-source.ts";
import { hasWords } from "./alerts.ts";
import { RuleText } from "./rule-text.ts";
import { scopeWords, severitiesOf, watchedWords } from "./rule-words.ts";

/** `wrong`: its text cannot be had, or nothing judges it. */
export type RuleState = "on" | "off" | "wrong";

export interface RuleRow {
  readonly key: string;
  /** Empty where the text does not even tell. */
  readonly kind: string;
  readonly name: string;
  readonly severities: readonly Severity[];
  readonly watches: string;
  readonly scope: string;
  readonly owner: string;
  readonly state: RuleState;
  readonly open: number;
  readonly object: StatedObject;
}

export type RuleColumn = "name" | "severity" | "watches" | "owner" | "origin" | "state" | "open";

export const ORIGIN_WORD: Readonly<Record<ObjectOrigin, string>> = {
  default: "Default",
  file: "Git",
  api: "Made here",
  annotation: "Annotation",
};

export const RULE_STATE_WORD: Readonly<Record<RuleState, string>> = { on: "On", off: "Off", wrong: "Problem" };

/** SLOs and alerts, and what of files is so wrong that it does not tell what it is. */
export function isRule({ kind }: Pick<StatedObject, "kind">): boolean {
  return kind === "SLO" || kind === "Alert" || kind === "";
}

/** What was read of texts that have not changed is not read again. */
export class RuleRows {
  #known = new Map<string, RuleText>();

  of(objects: readonly StatedObject[], alerts: readonly ShownAlert[]): RuleRow[] {
    const open = new Map<string, number>();
    for (const { rule } of alerts) open.set(rule, (open.get(rule) ?? 0) + 1);
    const known = new Map<string, RuleText>();
    const rows = objects.filter(isRule).map((object, at) => {
      const text = this.#known.get(object.yaml) ?? new RuleText(object.yaml);
      known.set(object.yaml, text);
      return rowOf(object, { text, at, open: open.get(object.name) ?? 0 });
    });
    this.#known = known;
    return rows;
  }
}

function rowOf(
  object: StatedObject,
  { text, at, open }: { readonly text: RuleText; readonly at: number; readonly open: number },
): RuleRow {
  const { kind, name, origin, error, isDisabled } = object;
  const isSaid = text.unshown === "";
  return {
    key: `${origin} ${kind} ${name || at}`,
    ...{ kind, name, open, object },
    severities: isSaid ? severitiesOf(text) : [],
    watches: isSaid ? watchedWords(text) : "",
    scope: isSaid && text.has("spec") ? scopeWords(text) : "",
    owner: isSaid ? text.at("metadata.owner") : "",
    state: error !== "" ? "wrong" : isDisabled ? "off" : "on",
  };
}

/** "Default", "rules/checkout.yaml:12", "Made here, in place of a default". */
export function originWords({ origin, file, line, replacesDefault }: StatedObject): string {
  const place = origin === "file" ? `${file}${line > 0 ? `:${line}` : ""}` : ORIGIN_WORD[origin];
  return replacesDefault ? `${place}, in place of a default` : place;
}

/** Where the problem is in the file, and what it is; the place alone is empty where nothing is wrong with the text. */
export function problemWords(error: string): { readonly place: string; readonly why: string } {
  const [first = ""] = error.split("\n", 1);
  const [, place = "", why = first] = /^((?:[^\s:]+:)?\d+:\d+): (.*)$/s.exec(first) ?? [];
  return { place, why };
}

export interface RuleFilter {
  readonly kind: string;
  readonly severity: string;
  readonly state: string;
  readonly origin: string;
  readonly text: string;
}

export function findRules(rows: readonly RuleRow[], { kind, severity, state, origin, text }: RuleFilter): RuleRow[] {
  return rows.filter(
    (row) =>
      (kind === "" || row.kind === kind) &&
      (severity === "" || row.severities.some((each) => each === severity)) &&
      (state === "" || row.state === state) &&
      (origin === "" || row.object.origin === origin) &&
      (text === "" ||
        hasWords([row.name, row.kind, row.watches, row.scope, row.owner, row.object.file].join(" "), text)),
  );
}

const KEYS: Readonly<Record<RuleColumn, (row: RuleRow) => string | number>> = {
  name: ({ name }) => name,
  severity: ({ severities }) => (severities.includes("critical") ? 0 : severities.length > 0 ? 1 : 2),
  watches: ({ watches }) => watches,
  owner: ({ owner }) => owner || "\uffff",
  origin: ({ object }) => originWords(object),
  state: ({ state }) => ["wrong", "on", "off"].indexOf(state),
  open: ({ open }) => open,
};

/** "-open" sorts downwards. Without a column what is wrong comes first, then what has open alerts, then by name. */
export function sortRules(rows: readonly RuleRow[], sort: string): RuleRow[] {
  const isDown = sort.startsWith("-");
  const key = KEYS[(isDown ? sort.slice(1) : sort) as RuleColumn] as ((row: RuleRow) => string | number) | undefined;
  const byName = (a: RuleRow, b: RuleRow): number => compare(a.name, b.name);
  if (!key) {
    const rank = ({ state, open }: RuleRow): number => (state === "wrong" ? 0 : open > 0 ? 1 : 2);
    return [...rows].sort((a, b) => rank(a) - rank(b) || byName(a, b));
  }
  const sign = isDown ? -1 : 1;
  return [...rows].sort((a, b) => sign * compare(key(a), key(b)) || byName(a, b));
}

function compare(a: string | number, b: string | number): number {
  return typeof a === "number" && typeof b === "number"
    ? a - b
    : String(a).localeCompare(String(b), "en", { numeric: true });
}

/** What a file or an object of the UI says before a default of the same name; empty names find nothing. */
export function findRule(objects: readonly StatedObject[], name: string, origin = ""): StatedObject | undefined {
  const named = objects.filter((object) => object.kind !== "" && isRule(object) && object.name === name);
  return named.find((object) => object.origin === origin) ?? named.find(({ error }) => error === "") ?? named[0];
}

/** A text that switches a default off. */
export function switchedOff({ kind, name }: Pick<StatedObject, "kind" | "name">): string {
  return `apiVersion: sidelight.dev/v1\nkind: ${kind}\nmetadata:\n  name: ${name}\ndisabled: true\n`;
}
