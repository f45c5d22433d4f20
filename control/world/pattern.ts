import { RE2JS } from "re2js";
import { FILTER_LIMITS } from "./options.ts";

/** A question that would take too long to answer. The one who asks can narrow it. */
export class TooMuchWork extends Error {
  override readonly name = "TooMuchWork";
}

/** Steps that the regular expressions of one question may take together. */
export class PatternBudget {
  #left: number;

  constructor(steps: number) {
    this.#left = steps;
  }

  /** @throws TooMuchWork */
  take(steps: number): void {
    this.#left -= steps;
    if (this.#left >= 0) return;
    throw new TooMuchWork(
      "The regular expressions of this question would take too long over all that there is; use shorter or fewer of them, or equality",
    );
  }
}

/**
 * A regular expression of RE2's syntax (https://github.com/google/re2/wiki/Syntax), matched in time linear in the text,
 * whatever is asked: a step is one instruction of its program at one character. A text is looked at once.
 */
export class Pattern {
  readonly #expression: RE2JS;
  readonly #size: number;
  readonly #budget: PatternBudget;
  readonly #known = new Map<string, boolean>();

  /** @throws Error that says what is wrong with it */
  constructor(text: string, budget: PatternBudget) {
    const { maxPatternLength, maxPatternSize } = FILTER_LIMITS;
    if (text.length > maxPatternLength) {
      throw new Error(
        `a regular expression may be ${maxPatternLength} characters long at most, and this one is ${text.length}`,
      );
    }
    this.#expression = compile(text);
    this.#size = this.#expression.programSize();
    this.#budget = budget;
    if (this.#size > maxPatternSize) {
      throw new Error(`a regular expression with so many repetitions is too large (${this.#size} instructions)`);
    }
  }

  /** @throws TooMuchWork */
  isIn(text: string): boolean {
    const known = this.#known.get(text);
    if (known !== undefined) return known;
    this.#budget.take(this.#size * (text.length + 1));
    const isIn = this.#expression.test(text);
    this.#known.set(text, isIn);
    return isIn;
  }
}

function compile(text: string): RE2JS {
  try {
    return RE2JS.compile(text);
  } catch (cause) {
    const why = (cause as Error).message.replace(/^error parsing regexp: /, "");
    throw new Error(`it is no regular expression: ${why}`, { cause });
  }
}
