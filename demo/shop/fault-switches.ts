/** Which faults are on, and the middleware that lets a service suffer from them. */
import { createMiddleware } from "hono/factory";
import { setTimeout as sleep } from "node:timers/promises";
import { FAULTS } from "./faults.ts";
import type { Fault } from "./faults.ts";

/** A fault that the table does not have. */
export class UnknownFaultError extends Error {
  override readonly name = "UnknownFaultError";
}

export class FaultSwitches {
  /** At most one fault a target: a second one replaces the first. */
  readonly #active = new Map<string, Fault>();
  readonly #onChange: () => void;
  readonly #chance: () => number;

  /** `onChange` is called after every switch; `chance` draws numbers from 0 (included) to 1 (excluded). */
  constructor({ onChange = () => {}, chance = Math.random }: { onChange?: () => void; chance?: () => number } = {}) {
    this.#onChange = onChange;
    this.#chance = chance;
  }

  get active(): readonly Fault[] {
    return [...this.#active.values()];
  }

  /** @throws UnknownFaultError naming what there is. */
  set(target: string, name: string): void {
    this.#active.set(target, known(target, name));
    this.#onChange();
  }

  /** Ends the fault of `target`, or all of them. @throws UnknownFaultError for a target that no fault has. */
  clear(target?: string): void {
    if (target !== undefined && !FAULTS.some((known) => known.target === target)) {
      const known = [...new Set(FAULTS.map((each) => each.target))].join(", ");
      throw new UnknownFaultError(`No fault has the target "${target}". Targets: ${known}.`);
    }
    if (target === undefined) this.#active.clear();
    else this.#active.delete(target);
    this.#onChange();
  }

  /** Has these on and no others. @throws UnknownFaultError as `set` does, and then nothing has changed. */
  replace(wanted: readonly Pick<Fault, "target" | "fault">[]): void {
    const faults = wanted.map(({ target, fault }) => known(target, fault));
    const isSame = faults.length === this.#active.size && faults.every((one) => this.#active.get(one.target) === one);
    if (isSame) return;
    this.#active.clear();
    for (const one of faults) this.#active.set(one.target, one);
    this.#onChange();
  }

  /** Whether the fault of `target` that is on has an effect of this kind. */
  has(target: string, kind: Fault["effect"]["kind"]): boolean {
    return this.#active.get(target)?.effect.kind === kind;
  }

  /** Delays requests, or answers them 500, while the fault of `target` says so. */
  guard(target: string) {
    return createMiddleware(async (context, next) => {
      const effect = this.#active.get(target)?.effect;
      if (effect?.kind === "slow") await sleep(effect.delayMs);
      if (effect?.kind === "errors" && this.#chance() < effect.share) {
        return context.json({ status_code: 500, error: `${target} is failing` }, 500);
      }
      await next();
    });
  }
}

function known(target: string, name: string): Fault {
  const found = FAULTS.find((each) => each.target === target && each.fault === name);
  if (found) return found;
  const all = FAULTS.map((each) => `${each.target} ${each.fault}`).join(", ");
  throw new UnknownFaultError(`There is no fault "${target} ${name}". There are: ${all}.`);
}
