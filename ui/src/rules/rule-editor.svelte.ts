/** The text of a rule while somebody changes it: what control says to it, and what it was before. */
import type { ObjectProblem } from "../../../control/api/alert-source.ts";
import { applyObjects } from "../data/alerts-api.ts";
import { RuleText } from "../model/rule-text.ts";

/** After the last key; one who types is not interrupted. */
const CHECK_AFTER_MS = 350;

/** What was typed and not saved, by what it is of: who comes back finds it. Gone with the page. */
const drafts: Record<string, string> = {};

export class RuleEditor {
  readonly key: string;
  #text = $state("");
  #base = $state("");
  readonly rule: RuleText = $derived(new RuleText(this.#text));
  readonly isDirty: boolean = $derived(this.#text !== this.#base);
  /** What control said to a text of before, while it looks at this one. */
  problems = $state.raw<readonly ObjectProblem[]>([]);
  /** Whether control has said what it has to say to the text as it stands. */
  isChecked = $state(false);
  isBusy = $state(false);
  /** Why control could not be asked, or did not take it. */
  error = $state("");

  /**
   * Must be created while a component initialises.
   * @param key tells it from every other that is edited
   * @param base what is saved; empty for a new one
   * @param text what it begins as
   */
  constructor(key: string, base: string, { text = base, isReadOnly = false } = {}) {
    this.key = key;
    this.#base = base;
    this.#text = drafts[key] ?? text;
    if (isReadOnly) return;
    $effect(() => {
      const checked = this.#text;
      this.isChecked = false;
      const abort = new AbortController();
      const timer = setTimeout(() => void this.#check(checked, abort.signal), CHECK_AFTER_MS);
      return () => {
        clearTimeout(timer);
        abort.abort();
      };
    });
    $effect(() => {
      if (this.isDirty) drafts[key] = this.#text;
      else delete drafts[key];
    });
  }

  get text(): string {
    return this.#text;
  }

  set text(text: string) {
    this.#text = text;
  }

  get base(): string {
    return this.#base;
  }

  /** Changes one field; see `RuleText.with`. */
  set(...[path, value]: Parameters<RuleText["with"]>): void {
    this.#text = this.rule.with(path, value);
  }

  discard(): void {
    this.#text = this.#base;
  }

  /** What is saved has changed elsewhere; who has typed nothing sees that. */
  rebase(base: string): void {
    if (!this.isDirty) this.#text = base;
    this.#base = base;
  }

  /** What is wrong with a field and with what it holds. */
  problemsAt(path: string): readonly ObjectProblem[] {
    return this.problems.filter(({ field }) => field === path || field.startsWith(`${path}[`));
  }

  /** @returns whether it was taken */
  async save(): Promise<boolean> {
    const text = this.#text;
    this.isBusy = true;
    this.error = "";
    try {
      const { problems } = await applyObjects(text, false);
      this.problems = problems;
      this.isChecked = true;
      if (problems.length > 0) return false;
      this.#base = text;
      delete drafts[this.key];
      return true;
    } catch (error) {
      this.error = error instanceof Error ? error.message : String(error);
      return false;
    } finally {
      this.isBusy = false;
    }
  }

  async #check(text: string, signal: AbortSignal): Promise<void> {
    try {
      const { problems } = await applyObjects(text, true, signal);
      if (signal.aborted) return;
      this.problems = problems;
      this.error = "";
      this.isChecked = true;
    } catch (error) {
      if (!signal.aborted) this.error = error instanceof Error ? error.message : String(error);
    }
  }
}

/** "spec.threshold.errors.above: 5 of what?" without the field that it stands beside. */
export function shortMessage({ field, message }: ObjectProblem): string {
  return field !== "" && message.startsWith(`${field}: `) ? message.slice(field.length + 2) : message;
}
