/**
 * Objectives that a workload states of itself, in its annotation `sidelight.dev/slo`: "99.9" is what share is to be answered without
 * an error, "99 under 300ms" what share within a time. Each becomes an SLO object about that workload alone, and the default of the
 * same indicator leaves the workload to it (docs/decisions/0095).
 */
import { createHash } from "node:crypto";
import type { BurnRule, Rule } from "../rule.ts";
import { MAX_NAME_LENGTH } from "./limits.ts";
import type { ConfigObject } from "./object.ts";
import { parseDuration, parseObjective } from "./quantities.ts";
import type { ShownObject } from "./shown-object.ts";
import { SLO } from "./slo.ts";

export const SLO_ANNOTATION = "sidelight.dev/slo";

/** Characters of an annotation that are read. */
const MAX_LENGTH = 256;
/** Characters that the workload's part of a name has. */
const MAX_WORKLOAD_NAME = MAX_NAME_LENGTH - ".availability".length;
/** Names of the SLOs that leave a workload to its own, by what is counted. */
const DEFAULTS = { availability: "availability", latency: "latency" } as const;
const HOW =
  "write 99.9 for the percent that are to be answered without an error, or 99 under 300ms for those within a time";

type Indicator = keyof typeof DEFAULTS;

/** One promise, in the words of an SLO's spec. */
interface Promised {
  readonly kind: Indicator;
  readonly indicator: "availability" | { readonly latency: { readonly under: string } };
  readonly objective: string;
}

/** What annotations state, as it was read last. */
export class AnnotatedSlos {
  readonly #read: () => ReadonlyMap<string, string>;
  #seen = "";
  #objects: ConfigObject[] = [];
  #refused: ShownObject[] = [];
  /** By the name of the default that leaves them. */
  #workloads = new Map<string, string[]>();

  /** @param read texts of the annotation, by the id of the workload */
  constructor(read: () => ReadonlyMap<string, string>) {
    this.#read = read;
    this.refresh();
  }

  /** In the order of the workloads. */
  get objects(): readonly ConfigObject[] {
    return this.#objects;
  }

  /** What people see: the objects, and what is wrong with those that are none. */
  get shown(): readonly ShownObject[] {
    const good = this.#objects.map((object) => shownAs(object.name, object.text, ""));
    return [...good, ...this.#refused];
  }

  /** Reads the annotations again. @returns whether they state something else than before */
  refresh(): boolean {
    const texts = [...this.#read()].sort(([a], [b]) => (a < b ? -1 : 1));
    const seen = JSON.stringify(texts);
    if (seen === this.#seen) return false;
    this.#seen = seen;
    this.#objects = [];
    this.#refused = [];
    this.#workloads = new Map();
    for (const [workload, text] of texts) this.#take(workload, text);
    return true;
  }

  /** The rules, of which those that stand in for nobody in particular leave workloads to what they state of themselves. */
  leftTo(rules: readonly Rule[]): Rule[] {
    return rules.map((rule) => {
      const except = this.#workloads.get(rule.name);
      return except && rule.kind === "burn" && rule.indicator.kind === COUNTED[rule.name] ? { ...rule, except } : rule;
    });
  }

  #take(workload: string, text: string): void {
    try {
      for (const promised of promisesOf(text)) {
        this.#objects.push(objectOf(workload, promised));
        const name = DEFAULTS[promised.kind];
        this.#workloads.set(name, [...(this.#workloads.get(name) ?? []), workload]);
      }
    } catch (error) {
      const why = `the annotation ${SLO_ANNOTATION} of ${workload}: ${(error as Error).message}`;
      this.#refused.push(shownAs(nameOf(workload), "", why));
    }
  }
}

/** What the defaults count, by their names. */
const COUNTED: Readonly<Record<string, BurnRule["indicator"]["kind"]>> = {
  [DEFAULTS.availability]: "errors",
  [DEFAULTS.latency]: "latency",
};

/** All of a text, or nothing. @throws Error that says what to write */
function promisesOf(text: string): Promised[] {
  if (text.length > MAX_LENGTH) throw new Error(`it is longer than ${MAX_LENGTH} characters`);
  const parts = text.split(/[,;\n]/).map((part) => part.trim().replace(/\s+/g, " "));
  const promises = parts.filter((part) => part !== "").map(promiseOf);
  if (promises.length === 0) throw new Error(`it says nothing; ${HOW}`);
  const twice = promises.find(({ kind }, at) => promises.findIndex((other) => other.kind === kind) !== at);
  if (twice) throw new Error(`it states ${twice.kind} twice; state one, and more as SLO objects`);
  return promises;
}

function promiseOf(part: string): Promised {
  const [, objective, under] = /^(\d[\d.]* ?%?)(?: under (\S.*))?$/.exec(part) ?? [];
  if (objective === undefined) throw new Error(`"${part.slice(0, 64)}" is no objective; ${meantBy(part) ?? HOW}`);
  parseObjective(objective);
  if (under === undefined) return { kind: "availability", indicator: "availability", objective };
  const ms = parseDuration(under);
  if (ms < 1 || ms > 3_600_000) throw new Error(`${under} must be from 1ms to 1h`);
  return { kind: "latency", indicator: { latency: { under } }, objective };
}

/** What somebody meant who wrote a percentile as elsewhere, "p99 < 300ms". */
function meantBy(part: string): string | undefined {
  const [, percent, under] = /^p(\d[\d.]*) ?(?:<|<=|under|below) ?(\S+)$/i.exec(part) ?? [];
  return percent === undefined ? undefined : `write ${percent} under ${under}`;
}

function objectOf(workload: string, { kind, indicator, objective }: Promised): ConfigObject {
  const name = `${nameOf(workload)}.${kind}`;
  const description = `What ${workload} promises in its annotation ${SLO_ANNOTATION}.`;
  const spec = { description, where: [`workload=${workload}`], groupBy: ["workload"], indicator, objective };
  return {
    ...{ kind: SLO.name, name, owner: "", labels: {}, annotations: {}, isDisabled: false },
    spec: SLO.spec.parse(spec),
    place: { file: "", line: 1, column: 1 },
    text: textOf(name, spec),
    written: { apiVersion: "sidelight.dev/v1", kind: SLO.name, metadata: { name }, spec },
  };
}

/** Ids of workloads and quantities hold nothing that YAML takes for anything else than text. */
function textOf(name: string, { description, where, indicator, objective }: Written): string {
  const counted = typeof indicator === "string" ? indicator : `{ latency: { under: ${indicator.latency.under} } }`;
  return `apiVersion: sidelight.dev/v1
kind: SLO
metadata: { name: ${name} }
spec:
  description: ${description}
  where: [${where.join(", ")}]
  groupBy: [workload]
  indicator: ${counted}
  objective: ${objective}
`;
}

interface Written extends Pick<Promised, "indicator" | "objective"> {
  readonly description: string;
  readonly where: readonly string[];
}

/** "shop.user" of shop/user. What a name may not hold becomes a dash, and a digest then tells it from others. */
function nameOf(workload: string): string {
  const name = workload.replace("/", ".");
  if (/^[a-z0-9-]+\/[a-z0-9.-]+$/.test(workload) && name.length <= MAX_WORKLOAD_NAME) return name;
  const digest = createHash("sha256").update(workload).digest("hex").slice(0, 8);
  const plain = name.toLowerCase().replace(/[^a-z0-9.-]/g, "-");
  return `${plain.slice(0, MAX_WORKLOAD_NAME - digest.length - 1)}-${digest}`;
}

function shownAs(name: string, yaml: string, error: string): ShownObject {
  return {
    kind: SLO.name,
    name,
    origin: "annotation",
    yaml,
    file: "",
    line: 0,
    error,
    isDisabled: false,
    replacesDefault: false,
  };
}
