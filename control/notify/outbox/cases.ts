/** All cases, in memory and on disk. Changes happen one after the other; memory follows the disk. */
import { createHash } from "node:crypto";
import type { AlertDb, AlertTable } from "../../alerts/alert-db.ts";
import { recover } from "./case.ts";
import type { Case } from "./case.ts";

/** What one receiver's cases may be. */
export const CASE_LIMITS = {
  /** With something to say. */
  waiting: 10_000,
  bytes: 32 * 2 ** 20,
  /** Open incidents that a receiver was told of, and all others. */
  all: 20_000,
  dead: 500,
  /** Over and done with; remembered so that nothing is said twice. */
  ended: 1_000,
};

interface Kept {
  readonly case: Case;
  readonly bytes: number;
}

/** What is put in the place of a case; undefined removes it. */
export interface CaseChange {
  readonly receiver: string;
  readonly incident: string;
  readonly next: Case | undefined;
}

export class Cases {
  readonly #db: AlertDb;
  readonly #table: AlertTable<Case>;
  readonly #kept = new Map<string, Map<string, Kept>>();
  #last: Promise<unknown> = Promise.resolve();

  /** Reads what there is; what was being sent is to be sent again. */
  constructor(db: AlertDb) {
    this.#db = db;
    this.#table = db.table("outbox");
    for (const { value } of this.#table.getRange()) this.#keep(recover(value));
  }

  /** Of one receiver. */
  of(receiver: string): Case[] {
    return [...(this.#kept.get(receiver)?.values() ?? [])].map((kept) => kept.case);
  }

  get(receiver: string, incident: string): Case | undefined {
    return this.#kept.get(receiver)?.get(incident)?.case;
  }

  receivers(): string[] {
    return [...this.#kept.keys()];
  }

  /** Every receiver's case of an incident. */
  about(incident: string): Case[] {
    return [...this.#kept.values()].flatMap((cases) => cases.get(incident)?.case ?? []);
  }

  bytesOf(receiver: string): number {
    return [...(this.#kept.get(receiver)?.values() ?? [])].reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /**
   * Changes cases in one transaction with whatever else belongs to it. `change` sees what all changes before made of them.
   * Resolves when it is durable; when the disk refuses, nothing has changed.
   */
  async update(change: () => readonly CaseChange[], alsoWrite?: () => void): Promise<void> {
    const turn = this.#last.then(async () => {
      const changes = change();
      if (changes.length === 0 && !alsoWrite) return;
      await this.#db.write(() => {
        for (const { receiver, incident, next } of changes) {
          if (next) void this.#table.put(keyOf(receiver, incident), next);
          else void this.#table.remove(keyOf(receiver, incident));
        }
        alsoWrite?.();
      });
      for (const each of changes) this.note(each);
    });
    this.#last = turn.catch(() => undefined);
    await turn;
  }

  /** Changes a case in memory alone: what need not be known after a restart. */
  note({ receiver, incident, next }: CaseChange): void {
    if (next) this.#keep(next);
    else this.#kept.get(receiver)?.delete(incident);
  }

  /** All that was begun is done. */
  async settled(): Promise<void> {
    await this.#last;
  }

  #keep(one: Case): void {
    const cases = this.#kept.get(one.receiver) ?? new Map<string, Kept>();
    this.#kept.set(one.receiver, cases);
    cases.set(one.incident, { case: one, bytes: JSON.stringify([one.next, one.following]).length });
  }
}

/** Names may be of any length and signs; keys may not. */
function keyOf(receiver: string, incident: string): string {
  return createHash("sha256")
    .update(JSON.stringify([receiver, incident]))
    .digest("hex");
}
