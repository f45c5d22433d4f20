import { test } from "uvu";
import * as assert from "uvu/assert";
import type { Judge, Judgement } from "../../../../control/alerts/judging/judge.ts";
import { LiveAlerts } from "../../../../control/alerts/judging/live-alerts.ts";
import { SLOT_MS } from "../../../../control/alerts/counting/slots.ts";
import { randomOf } from "../../world/random.ts";
import { MINUTE_MS, threshold } from "../fixtures.ts";

const UNKNOWN_FOR_MS = 2 * MINUTE_MS;

/** One group that is judged as it is told. */
function judgeOf(forMs: number, keepMs: number, judgement: () => Judgement): Judge {
  const none = { value: 0, limit: 0, usual: null, requests: 0, bad: 0 };
  return {
    rule: threshold({ forMs, keepMs }),
    severity: "critical",
    scan: (_endMs, visit) => {
      if (judgement() === "bad") visit(0);
    },
    judge: judgement,
    measured: () => none,
    summary: () => "",
    labels: () => ({}),
    example: () => {
      throw new Error("nothing is counted here");
    },
    groupCount: () => 1,
    unknownForMs: UNKNOWN_FOR_MS,
  };
}

/** States after each tick; `-` is a tick of which nothing is known. */
function statesOf(told: string, { forMs, keepMs }: { forMs: number; keepMs: number }): string {
  const words: Record<string, Judgement> = { b: "bad", g: "good", m: "between", u: "unknown" };
  let now: Judgement = "good";
  const live = new LiveAlerts(judgeOf(forMs, keepMs, () => now));
  let endMs = 0;
  return [...told]
    .map((letter) => {
      endMs += SLOT_MS;
      now = words[letter] ?? "good";
      live.tick(endMs, letter === "-");
      const [first] = live.entries();
      return first === undefined ? "." : first[1].firedMs === null ? "p" : "F";
    })
    .join("");
}

const states: readonly [what: string, told: string, states: string, times: { forMs: number; keepMs: number }][] = [
  ["fires at once without for", "gbg", ".F.", { forMs: 0, keepMs: 0 }],
  ["waits for as long as it must hold", "bbbbg", "pppF.", { forMs: 30_000, keepMs: 0 }],
  ["is dropped when it is over before that", "bbgbbbb", "pp.pppF", { forMs: 30_000, keepMs: 0 }],
  ["is kept until it was good for long enough", "bgggbggggg", "FFFFFFFFF.", { forMs: 0, keepMs: 40_000 }],
  ["is neither worse nor better in between", "bmgmgg", "FFFFF.", { forMs: 0, keepMs: 10_000 }],
  ["ends after a while of nothing to judge by", "buuuuuuuuuuuuu", "FFFFFFFFFFFFF.", { forMs: 0, keepMs: 0 }],
  ["does not wait on while there is nothing to judge by", "bub", "p.p", { forMs: 10_000, keepMs: 0 }],
  ["does not end while nothing is known", "b-----------------", "FFFFFFFFFFFFFFFFFF", { forMs: 0, keepMs: 0 }],
  ["does not fire for what it did not see", "bb----bb", "pppppppF", { forMs: 30_000, keepMs: 0 }],
  ["is not better for what it did not see", "bgg---gg", "FFFFFFF.", { forMs: 0, keepMs: 30_000 }],
  ["begins nothing while nothing is known", "---b", "...F", { forMs: 0, keepMs: 0 }],
];

for (const [what, told, expected, times] of states) {
  test(`an alert ${what}`, () => assert.is(statesOf(told, times), expected));
}

/** How many letters at the end of a text are this one. */
function run(told: string, letter: string): number {
  return told.length - told.replace(new RegExp(`${letter}+$`), "").length;
}

/** By its definition: looks back at all that was told since the alert fired. */
function byDefinition(told: string, { forMs, keepMs }: { forMs: number; keepMs: number }): string {
  let state = ".";
  let firedAt = 0;
  const lasted = (letter: string, at: number): number => (run(told.slice(firedAt, at + 1), letter) - 1) * SLOT_MS;
  return [...told]
    .map((letter, at) => {
      if (state === "F") {
        const isOver = letter === "g" && lasted("g", at) >= keepMs;
        return (state = isOver || (letter === "u" && lasted("u", at) >= UNKNOWN_FOR_MS) ? "." : "F");
      }
      if (letter !== "b") return (state = ".");
      // An alert that ended was not bad when it did, so what is bad now began after it.
      if ((run(told.slice(0, at + 1), "b") - 1) * SLOT_MS < forMs) return (state = "p");
      firedAt = at;
      return (state = "F");
    })
    .join("");
}

test("random runs of judgements lead to the states that the rule's times say", () => {
  for (let seed = 1; seed <= 200; seed++) {
    const random = randomOf(seed);
    let letter = "g";
    const told = Array.from({ length: 120 }, () => {
      if (random() < 0.25) letter = "bgmu"[Math.floor(random() * 4)]!;
      return letter;
    }).join("");
    const times = { forMs: Math.floor(random() * 6) * SLOT_MS, keepMs: Math.floor(random() * 6) * SLOT_MS };
    assert.is(statesOf(told, times), byDefinition(told, times), `seed ${seed}: ${told}`);
  }
});

test.run();
