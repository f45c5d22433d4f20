/** The words of a notification as they go into a message, escaped for it. */
import { wordsOf } from "./words.ts";
import type { Words } from "./words.ts";
import type { Notification } from "./notification.ts";

/** Makes a text safe for where it goes. */
export type Escape = (text: string) => string;

/** Words for one target: every text is escaped, addresses are not. */
export interface Said extends Words {
  /** The receiver's own text, in place of facts, alerts and description; undefined where it has none. */
  readonly ownText: string | undefined;
}

/** What turns notifications into words: a receiver may have its own. */
export type Say = (notification: Notification, escape: Escape) => Said;

/** The words that everybody gets. */
export const sayPlainly: Say = (notification, escape) => ({
  ...escaped(wordsOf(notification), escape),
  ownText: undefined,
});

export function escaped(words: Words, escape: Escape): Words {
  return {
    ...words,
    title: escape(words.title),
    notes: words.notes.map(escape),
    facts: words.facts.map(({ name, text }) => ({ name, text: escape(text) })),
    alerts: words.alerts.map(escape),
    description: escape(words.description),
  };
}

export const asIs: Escape = (text) => text;

/** Cut where it is too long for its target, with a sign that it was. Counts UTF-16 units, as these targets do. */
export function cut(text: string, length: number): string {
  if (text.length <= length) return text;
  // Not between the halves of a pair.
  return `${text.slice(0, length - 1).replace(/[\uD800-\uDBFF]$/, "")}…`;
}

/** "and 3 more"; empty for none. */
export function andMore(count: number): string {
  return count > 0 ? `and ${count} more` : "";
}
