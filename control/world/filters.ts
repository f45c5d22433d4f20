/**
 * Conditions on the attributes of nodes, edges and endpoints. A negation is the exact complement of what it negates, so
 * a condition and its negation share out whatever there is.
 */
import { ATTRIBUTES, OF_NODES, OF_PODS, VALUES } from "./attributes.ts";
import type { Attribute, End, Facts, Subject } from "./attributes.ts";
import { FILTER_LIMITS } from "./options.ts";
import { Pattern, PatternBudget } from "./pattern.ts";

export interface Filter {
  readonly attribute: Attribute;
  readonly end: End;
  readonly operator: Operator;
  readonly value: string;
}

/** Equal, not equal, contains a match of a regular expression, contains none. */
export type Operator = "=" | "!=" | "~" | "!~";

/** A condition that cannot be: the one who asks can mend it. */
export class FilterError extends Error {
  override readonly name = "FilterError";

  /**
   * @param index of the filter at fault; undefined where all of them are
   * @param part what of it is at fault
   */
  constructor(
    message: string,
    readonly index: number | undefined,
    readonly part: keyof Filter | undefined,
  ) {
    super(message);
  }
}

interface Condition extends Filter {
  readonly holds: (value: string) => boolean;
}

/** Conditions that must all hold. */
export class Filters {
  static readonly none = new Filters([]);
  readonly #conditions: readonly Condition[];

  private constructor(conditions: readonly Condition[]) {
    this.#conditions = conditions;
  }

  /**
   * @param subject what they are asked of
   * @param maxSteps what their regular expressions may take together, for as long as they are asked
   * @throws FilterError where one cannot be
   */
  static of(filters: readonly Filter[], subject: Subject, maxSteps: number = FILTER_LIMITS.maxPatternSteps): Filters {
    const { maxFilters } = FILTER_LIMITS;
    if (filters.length > maxFilters) {
      throw new FilterError(`${filters.length} filters are too many; ${maxFilters} is the limit`, undefined, undefined);
    }
    const budget = new PatternBudget(maxSteps);
    return new Filters(
      filters.map((filter, index) => {
        checkAttribute(filter, index, subject);
        checkValue(filter, index);
        return { ...filter, holds: conditionOf(filter, index, budget) };
      }),
    );
  }

  /** What was asked for, for comparing one question with another. */
  toJSON(): readonly Filter[] {
    return this.#conditions.map(({ attribute, end, operator, value }) => ({ attribute, end, operator, value }));
  }

  get isEmpty(): boolean {
    return this.#conditions.length === 0;
  }

  /** @throws TooMuchWork where regular expressions would take too long */
  match(facts: Facts): boolean {
    return this.#conditions.every(({ attribute, end, operator, holds }) => {
      const has = facts(attribute, end).some(holds);
      return operator === "=" || operator === "~" ? has : !has;
    });
  }

  /** Those of the conditions that a test picks. They share what work is left. */
  only(picked: (filter: Filter) => boolean): Filters {
    return new Filters(this.#conditions.filter(picked));
  }

  /** Whether all of them can be said of what this is, or some of an edge alone. */
  fit(subject: Subject): boolean {
    return this.#conditions.every(
      ({ attribute, end }) => subject.attributes.includes(attribute) && (subject.hasEnds || end === undefined),
    );
  }
}

/** @throws FilterError unless a kind of thing has this attribute, at this end */
export function checkAttribute(
  { attribute, end }: Pick<Filter, "attribute" | "end">,
  index: number,
  { name, attributes, hasEnds }: Subject,
): void {
  const offered = attributes.join(", ");
  if (OF_PODS.includes(attribute) && !attributes.includes(attribute)) {
    const why = `${attribute} is known of pods only, and these are ${name} of workloads: list pods, or group the topology by pod, node or version`;
    throw new FilterError(`${why}; here there are ${offered}`, index, "attribute");
  }
  if (!attributes.includes(attribute)) {
    throw new FilterError(`${attribute} does not tell ${name} apart; there are ${offered}`, index, "attribute");
  }
  if (end !== undefined && (!hasEnds || ![...OF_NODES, ...OF_PODS].includes(attribute))) {
    const why = hasEnds ? `${attribute} belongs to no end` : `${name} have no ${end}`;
    throw new FilterError(`${why}; leave "${end}" out`, index, "end");
  }
}

function checkValue({ value }: Filter, index: number): void {
  const { maxValueLength } = FILTER_LIMITS;
  if (value.length <= maxValueLength) return;
  throw new FilterError(`it is ${value.length} characters long; ${maxValueLength} is the limit`, index, "value");
}

function conditionOf({ attribute, operator, value }: Filter, index: number, budget: PatternBudget): Condition["holds"] {
  if (operator === "~" || operator === "!~") {
    try {
      const pattern = new Pattern(value, budget);
      return (text) => pattern.isIn(text);
    } catch (cause) {
      throw new FilterError((cause as Error).message, index, "value");
    }
  }
  const values = VALUES[attribute];
  if (values && !values.includes(value)) {
    throw new FilterError(`${attribute} is one of ${values.join(", ")}, not "${value.slice(0, 64)}"`, index, "value");
  }
  return (text) => text === value;
}

/** Whether a word names an attribute. */
export function isAttribute(word: string): word is Attribute {
  return (ATTRIBUTES as readonly string[]).includes(word);
}
