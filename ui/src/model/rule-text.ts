/**
 * A rule as a form shows it: the YAML text is what there is, and a form is a way to read and to change it. What the form has no
 * field for is kept, and named. Pure.
 */
import { isScalar, type Document } from "yaml";

import { parseText, Typed, withValue, type Path } from "./yaml-text.ts";

/** Conditions of an alert, of which it has one. */
export const CONDITIONS = [
  "errors",
  "latency",
  "throughput",
  "connectFailures",
  "loss",
  "baseline",
  "topology",
  "noData",
] as const;

export type Condition = (typeof CONDITIONS)[number];

const THRESHOLDS: readonly Condition[] = ["errors", "latency", "throughput", "connectFailures", "loss"];
const SHARE = ["above", "clear"];

/** Fields in their usual order; those of a spec are the order of its kind. */
const ORDER: Readonly<Record<string, readonly string[]>> = {
  "": ["apiVersion", "kind", "metadata", "disabled", "spec"],
  metadata: ["name", "owner", "labels", "annotations"],
  spec: [
    ...["description", "runbook", "severity", "where", "groupBy", "indicator", "objective"],
    ...["threshold", "baseline", "topology", "noData", "window", "minRequests", "alerts", "for", "keep"],
  ],
  "spec.threshold": [...THRESHOLDS, "window", "minRequests"],
  "spec.threshold.latency": ["percentile", "above", "clear"],
  "spec.threshold.throughput": ["below", "above", "clear"],
  "spec.alerts": ["fast", "medium", "slow"],
};

const HEAD = ["apiVersion", "kind", "disabled", "metadata.name", "metadata.owner"];
const ANY_SPEC = ["description", "runbook", "for", "keep"];
const BURNS = ["fast", "medium", "slow"].flatMap((name) => [
  name,
  ...["severity", "burnRate", "long", "short"].map((field) => `${name}.${field}`),
]);
/** Paths of single values that the form has fields for, below `spec`. */
const FIELDS: Readonly<Record<string, readonly string[]>> = {
  SLO: [
    ...["indicator", "indicator.latency.under", "objective", "window", "minRequests", "alerts"],
    ...BURNS.map((path) => `alerts.${path}`),
  ],
  Alert: [
    ...["severity", "topology", "threshold.window", "threshold.minRequests", "noData.after"],
    ...["errors", "connectFailures", "loss"].flatMap((name) => SHARE.map((field) => `threshold.${name}.${field}`)),
    ...["percentile", "above", "clear"].map((field) => `threshold.latency.${field}`),
    ...["below", "above", "clear"].map((field) => `threshold.throughput.${field}`),
    ...["indicator", "factor", "window", "minRequests"].map((field) => `baseline.${field}`),
  ],
};
const LISTS = ["spec.where", "spec.groupBy"];
/** Fields that are texts also where they look like a number. */
const TEXTS = /^metadata\.|\.(?:description|runbook)$/;

export class RuleText {
  readonly text: string;
  /** Why the form cannot show it; empty where it can. */
  readonly unshown: string;
  readonly kind: "SLO" | "Alert" | "";
  readonly name: string;
  readonly isDisabled: boolean;
  /** What there is and the form has no field for: "metadata.labels". */
  readonly kept: readonly string[];
  readonly #document: Document.Parsed;
  readonly #data: unknown;

  constructor(text: string) {
    this.text = text;
    this.#document = parseText(text);
    this.#data = dataOf(this.#document);
    const kind = this.at("kind");
    this.kind = kind === "SLO" || kind === "Alert" ? kind : "";
    this.name = this.at("metadata.name");
    this.isDisabled = this.at("disabled") === "true";
    this.unshown = this.#whyUnshown();
    this.kept = this.unshown === "" ? keptOf(this.#data, this.kind) : [];
  }

  /** A single value as it is written; empty where there is none. */
  at(path: string): string {
    const node: unknown = this.#node(path);
    if (!isScalar(node)) return "";
    const { value, source = "" } = node;
    if (typeof value === "boolean") return String(value);
    return typeof value === "string" ? value : value === null ? "" : source;
  }

  list(path: string): readonly string[] {
    const value = this.data(path);
    return Array.isArray(value) ? value.map(String) : [];
  }

  /** As plain data; undefined where there is nothing. */
  data(path: string): unknown {
    return path.split(".").reduce<unknown>((value, name) => (isRecord(value) ? value[name] : undefined), this.#data);
  }

  has(path: string): boolean {
    return this.data(path) !== undefined;
  }

  /** The condition of an alert; undefined where it has none that the form knows. */
  get condition(): Condition | undefined {
    return CONDITIONS.find((name) => this.has(`spec.${pathOf(name)}`));
  }

  /** The text with a value changed; an empty text or list takes it out. */
  with(path: string, value: string | readonly string[] | Readonly<Record<string, unknown>> | boolean): string {
    return withValue(this.text, path.split("."), written(path, value), orderOf);
  }

  /** The text with another condition, in place of the one that there is. Window and least requests stay where both have them. */
  withCondition(condition: Condition, fields: unknown): string {
    const isThreshold = THRESHOLDS.includes(condition);
    const gone = CONDITIONS.filter((name) => name !== condition).map((name) =>
      isThreshold || !THRESHOLDS.includes(name) ? pathOf(name) : "threshold",
    );
    // First what comes, so that what held both is not left empty and taken out.
    const path = ["spec", ...pathOf(condition).split(".")];
    const begun = withValue(this.text, path, fields, orderOf);
    return [...new Set(gone)].reduce(
      (text, name) => withValue(text, ["spec", ...name.split(".")], undefined, orderOf),
      begun,
    );
  }

  #node(path: string): unknown {
    try {
      return this.#document.getIn(path.split("."), true);
    } catch {
      // Something on the way to it is no map.
      return undefined;
    }
  }

  #whyUnshown(): string {
    const [error] = this.#document.errors;
    if (error?.code === "MULTIPLE_DOCS") return "This text holds several objects";
    if (error) return "This is no YAML that can be read";
    if (!isRecord(this.#data)) return this.text.trim() === "" ? "There is no text yet" : "This is no object";
    if (this.at("apiVersion").startsWith("openslo")) return "It is written in the terms of OpenSLO";
    if (this.kind === "") return "The form shows objects of the kinds SLO and Alert";
    return "";
  }
}

/** "threshold.errors", "noData". */
function pathOf(condition: Condition): string {
  return THRESHOLDS.includes(condition) ? `threshold.${condition}` : condition;
}

function orderOf(path: Path): readonly string[] {
  return ORDER[path.join(".")] ?? [];
}

function written(path: string, value: Parameters<RuleText["with"]>[1]): unknown {
  if (typeof value !== "string") return Array.isArray(value) && value.length === 0 ? undefined : value;
  if (value === "") return undefined;
  return !TEXTS.test(path) && /^\d+\.?\d*$/.test(value) ? new Typed(value) : value;
}

function dataOf(document: Document.Parsed): unknown {
  if (document.errors.length > 0) return undefined;
  try {
    return document.toJS({ maxAliasCount: 100 }) as unknown;
  } catch {
    // Anchors that lead nowhere, or too many; control says which.
    return undefined;
  }
}

function keptOf(data: unknown, kind: string): string[] {
  const fields = new Set([...HEAD, ...[...ANY_SPEC, ...(FIELDS[kind] ?? [])].map((path) => `spec.${path}`)]);
  const kept: string[] = [];
  const look = (value: unknown, path: string): void => {
    const isMap = [...fields, ...LISTS].some((field) => field.startsWith(`${path}.`));
    if (isRecord(value) && (path === "" || isMap)) {
      for (const [name, each] of Object.entries(value)) look(each, path === "" ? name : `${path}.${name}`);
    } else if (
      Array.isArray(value) ? !LISTS.includes(path) : isRecord(value) || !(fields.has(path) || value === null)
    ) {
      kept.push(path);
    }
  };
  look(data, "");
  return kept;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
