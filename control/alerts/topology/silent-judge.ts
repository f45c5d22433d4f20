import type { Measured } from "../alert.ts";
import { SLOT_MS } from "../counting/slots.ts";
import { GroupJudge } from "../judging/group-judge.ts";
import type { Judgement } from "../judging/judge.ts";
import type { MatchedGroups } from "../judging/matched-groups.ts";
import { rate } from "../judging/words.ts";
import type { NoDataRule, Severity } from "../rule.ts";
import type { BlindTimes } from "./blind-times.ts";
import type { Silence } from "./silence.ts";
import type { SilentGroups } from "./silent-groups.ts";
import { about } from "./words.ts";

const MINUTE_MS = 60_000;
/** Others must have told of it in so many slots, or in as many as there are: reports of one request may lie in two. */
const LEAST_SLOTS = { usually: 6, ofShort: 3 };
/** ... and within this. Later it is not known whether anybody asks. */
const RECENTLY_MS = 2 * MINUTE_MS;
/** A sidecar that is silent for so much longer than is told was taken away. */
const EXPECTED_FOR_MS = 24 * 60 * MINUTE_MS;

/** How far back history is needed to know whom a rule expects. */
export function expectedForMs({ afterMs }: NoDataRule): number {
  return afterMs + EXPECTED_FOR_MS;
}

/** A workload's sidecars reported before and are silent, while others' still count requests with it. */
export class SilentJudge extends GroupJudge {
  readonly #silent: SilentGroups;
  readonly #blind: BlindTimes;

  constructor(
    override readonly rule: NoDataRule,
    of: { readonly column: SilentGroups; readonly groups: MatchedGroups; readonly severity: Severity },
    blind: BlindTimes,
  ) {
    super(of, 0);
    this.#silent = of.column;
    this.#blind = blind;
  }

  override groupCount(): number {
    this.#silent.fit();
    return super.groupCount();
  }

  override scan(endMs: number, visit: (group: number) => void): void {
    this.#silent.fit();
    for (const group of this.groups.get()) if (this.judge(group, endMs) === "bad") visit(group);
  }

  override judge(group: number, endMs: number): Judgement {
    const missed = this.#longest(group);
    if (!missed)
      return this.#silent.of(group).some(({ heardMs }) => endMs - heardMs <= RECENTLY_MS) ? "good" : "unknown";
    if (endMs - missed.lastMs > RECENTLY_MS) return "unknown";
    if (endMs - missed.heardMs > expectedForMs(this.rule)) return "good";
    const { usually, ofShort } = LEAST_SLOTS;
    const slots = Math.max(ofShort, Math.min(usually, this.rule.afterMs / SLOT_MS));
    return this.#silentMs(missed) >= this.rule.afterMs && missed.slots >= slots ? "bad" : "good";
  }

  override measured(group: number): Measured {
    const missed = this.#longest(group);
    const limit = this.rule.afterMs / 1_000;
    const value = missed ? this.#silentMs(missed) / 1_000 : 0;
    return { value, limit, usual: null, requests: missed?.requests ?? 0, bad: 0 };
  }

  override summary(group: number): string {
    const missed = this.#longest(group);
    if (!missed) return `${this.#silent.of(group)[0]?.workload ?? "nobody"}: its sidecar reports again`;
    const silentMs = this.#silentMs(missed);
    const { size } = missed.others;
    const others =
      size === 1 ? `that of ${[...missed.others][0]!} still counts` : `those of ${size} others still count`;
    const asked = rate((missed.requests * 1_000) / Math.max(SLOT_MS, silentMs));
    return `${missed.workload}: its sidecar is silent for ${about(silentMs)} while ${others} ${asked} with it`;
  }

  /** Of a group's workloads the one that is missed for longest. */
  #longest(group: number): Silence | undefined {
    const missed = this.#silent.of(group).filter(({ firstMs }) => firstMs < Infinity);
    if (missed.length < 2) return missed[0];
    return missed.reduce((a, b) => (this.#silentMs(b) > this.#silentMs(a) ? b : a));
  }

  #silentMs({ firstMs, lastMs }: Silence): number {
    return this.#blind.known(firstMs, lastMs);
  }
}
