/** What rules learn of a history, and say of it: the same on every engine. */
import * as assert from "uvu/assert";
import type { ReportedWindow } from "../../../control/identity/observation.ts";
import { HOUR_MS } from "../../../control/alerts/baselines/hours.ts";
import { AlertEngine } from "../../../control/alerts/engine.ts";
import { backtest } from "../../../control/alerts/running/backtest.ts";
import { Lessons } from "../../../control/alerts/running/lessons.ts";
import { fill } from "../../../control/alerts/running/replay.ts";
import type { Store, TimeRange } from "../../../control/store/store.ts";
import { DAY_MS, MONDAY_MS, WEEK_MS, baseline } from "../alerts/baselines/fixtures.ts";
import { MINUTE_MS } from "../alerts/fixtures.ts";
import { timed, windowOf } from "../world/fixtures.ts";
import type { Contract } from "./contract-case.ts";

const { signal } = new AbortController();

function asked(startMs: number, durationMs: number, ms: number): ReportedWindow {
  const named = { client: "shop/front", server: "shop/user", route: "/cards" };
  const count = durationMs / 1_000;
  const observations = [timed(count * 8, 5, named), timed(count * 2, ms, named)];
  return windowOf(observations, { startMs, durationMs, reporter: "shop/user", instance: "user-1" });
}

/** Hours of weeks: 200 ms on Mondays at 10:00, 30 ms otherwise. */
function weeks(fromMs: number, toMs: number): ReportedWindow[] {
  const hours = Array.from({ length: (toMs - fromMs) / HOUR_MS }, (_, at) => fromMs + at * HOUR_MS);
  return hours.map((atMs) => asked(atMs, HOUR_MS, (atMs - MONDAY_MS) % WEEK_MS === 0 ? 200 : 30));
}

/** Minutes of a Monday from 9:00 on: as usual, and from 10:30 to 10:50 slower than that. */
function monday(ms: number): ReportedWindow[] {
  return Array.from({ length: 180 }, (_, minute) => {
    const isBusy = minute >= 60 && minute < 120;
    const isSlow = minute >= 90 && minute < 110;
    return asked(MONDAY_MS + (minute - 60) * MINUTE_MS, MINUTE_MS, isSlow ? ms : isBusy ? 200 : 30);
  });
}

/** In pieces as they come in operation, where what is old is kept in longer slots. */
async function keep(store: Store, windows: readonly ReportedWindow[]): Promise<void> {
  for (let at = 0; at < windows.length; at += 100) {
    const some = windows.slice(at, at + 100);
    const { startMs, durationMs } = some.at(-1)!;
    await store.append(some, (await store.cursor()) + 1);
    await store.expire(startMs + durationMs);
  }
}

async function told(store: Store, range: TimeRange): Promise<string[]> {
  const rules = [baseline({ keepMs: 2 * MINUTE_MS })];
  const { alerts } = await backtest(store, { rules, range, nowMs: range.toMs, onProgress: () => undefined, signal });
  return alerts.map(({ state, firedMs, summary }) => {
    const usual = /what is usual .*$/.exec(summary)?.[0] ?? summary;
    return `${state} after ${(firedMs! - MONDAY_MS) / MINUTE_MS} min, ${usual}`;
  });
}

export function learningCases(contract: Contract): void {
  contract(
    "a test of the past learns from what lies before each hour, and from nothing after it",
    async (store, reopen) => {
      const mondays = [5, 4, 3, 2, 1].map((ago) => MONDAY_MS - HOUR_MS - ago * WEEK_MS);
      const before = mondays.flatMap((atMs) => weeks(atMs, atMs + 3 * HOUR_MS));
      await keep(store, [...before, ...monday(700)]);
      const range = { fromMs: MONDAY_MS - HOUR_MS, toMs: MONDAY_MS + 2 * HOUR_MS };
      const first = await told(store, range);
      assert.is(first.length, 1, first.join("\n"));
      assert.match(
        first[0]!,
        /^resolved after 3\d(\.\d+)? min, what is usual for a Monday 10:00 UTC \(200 ms, from 5 Mondays\)$/,
      );
      // Mondays at which it always takes as long: it was not usual yet.
      const after = mondays.map((atMs) => asked(atMs + 6 * WEEK_MS + HOUR_MS, HOUR_MS, 700));
      await store.append(after, (await store.cursor()) + 1);
      assert.equal(await told(await reopen(), range), first);
    },
  );

  contract("an installation of a few days knows nothing for a day, and then what the last days were", async (store) => {
    const beginMs = MONDAY_MS - 3 * DAY_MS;
    // Two hours are slow: one in the first day, one after it.
    const slow = [20, 30].map((hours) => beginMs + hours * HOUR_MS);
    const others = weeks(beginMs, MONDAY_MS).filter(({ startMs }) => !slow.includes(startMs));
    await keep(
      store,
      [...others, ...slow.map((atMs) => asked(atMs, HOUR_MS, 3_000))].sort((a, b) => a.startMs - b.startMs),
    );
    const alerts = await told(store, { fromMs: beginMs, toMs: MONDAY_MS });
    assert.is(alerts.length, 1, alerts.join("\n"));
    assert.match(alerts[0]!, /what is usual here \(30 ms, from 30 hours of the last days, so not sure\)$/);
  });

  contract("an engine in operation learns each hour once it is over", async (store) => {
    await keep(store, weeks(MONDAY_MS - 23 * HOUR_MS, MONDAY_MS));
    const engine = new AlertEngine({ rules: [baseline()] });
    await fill(engine, store, MONDAY_MS, signal);
    const lessons = new Lessons(engine, store, MONDAY_MS);
    const waits = async (toMs: number): Promise<number> => {
      while (engine.endMs < toMs) engine.tick([]);
      await lessons.goOn(toMs, signal);
      engine.replay({ atMs: engine.endMs, counts: [...engineCounts()] }, 10_000);
      engine.tick([]);
      return engine.waiting.length;
    };
    for (const [hours, waiting] of [
      [0, 1],
      [1, 1],
      [2, 0],
    ] as const) {
      await keep(store, [asked(MONDAY_MS + hours * HOUR_MS, HOUR_MS, 30)]);
      assert.is(await waits(MONDAY_MS + hours * HOUR_MS + MINUTE_MS), waiting, `after ${hours} hours`);
    }
  });
}

/** A few requests, so that the endpoint is one that is asked. */
function engineCounts(): Parameters<AlertEngine["replay"]>[0]["counts"] {
  const series = {
    client: "shop/front",
    server: "shop/user",
    protocol: "http",
    method: "GET",
    route: "/cards",
  } as const;
  return [{ series, outcomes: [30, 0, 0, 0, 0], buckets: timed(30, 5).buckets }];
}
