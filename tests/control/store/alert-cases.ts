import * as assert from "uvu/assert";
import type { AlertEvent } from "../../../control/store/alert-event.ts";
import { StoreInputError } from "../../../control/store/errors.ts";
import { START_MS, observation, windowOf } from "../world/fixtures.ts";
import { randomOf, shuffled } from "../world/random.ts";
import { HOUR, SECOND, total } from "./contract-case.ts";
import type { Contract } from "./contract-case.ts";

const DAY = 24 * HOUR;
const EVER = { fromMs: 0, toMs: START_MS + 1_000 * DAY };

/** An alert that fires at START_MS, unless said otherwise. */
function alertEvent(differing: Partial<AlertEvent> = {}): AlertEvent {
  return {
    atMs: START_MS,
    alertId: "f00d-1",
    fingerprint: "f00d",
    incident: "",
    rule: "errors",
    severity: "critical",
    state: "firing",
    labels: { workload: "shop/user", route: "/cards/{id}" },
    summary: "5.2 % of requests to shop/user failed over 5 min (limit 1 %)",
    measured: { value: 0.052, limit: 0.01, usual: null, requests: 1_000, bad: 52 },
    cause: null,
    ...differing,
  };
}

export function alertCases(contract: Contract): void {
  contract(
    "what became of alerts is told newest first, as it was recorded, after a restart too",
    async (store, reopen) => {
      const words = `"quoted", a\\b, x=1 'y'\n${"ü".repeat(3)}`;
      const odd = alertEvent({
        ...{
          atMs: START_MS + SECOND,
          alertId: words,
          fingerprint: words,
          incident: words,
          rule: words,
          summary: words,
        },
        ...{ severity: "warning", labels: { [words]: words, empty: "" } },
        measured: { value: -1e-9, limit: 1e12, usual: 0.25, requests: 2 ** 40, bad: 0 },
        cause: { server: words, method: "", route: words, affected: [words, "shop/front-end"] },
      });
      const events = [alertEvent({ state: "pending" }), alertEvent({ atMs: START_MS + 500 }), odd];
      await store.recordAlerts(events);
      assert.equal(await store.alertEvents(EVER, 10), [...events].reverse());
      assert.equal(await (await reopen()).alertEvents(EVER, 10), [...events].reverse());
    },
  );

  contract("an alert comes to each state once, however often that is recorded, and by whom", async (store, reopen) => {
    const events = (["pending", "firing", "resolved"] as const).map((state, at) =>
      alertEvent({ state, atMs: START_MS + at * SECOND }),
    );
    await store.recordAlerts(events.slice(0, 2));
    await store.recordAlerts([...events.slice(1), ...events]);
    // At another time, as when a control that was killed comes to it again.
    await (await reopen()).recordAlerts(events.map((event) => ({ ...event, atMs: event.atMs + DAY })));
    const again = await reopen();
    await Promise.all([again.recordAlerts(events), again.recordAlerts([]), again.recordAlerts(events)]);
    assert.equal(await again.alertEvents(EVER, 10), [...events].reverse());
  });

  contract("many alerts of one rule at one instant are all there, what was recorded last first", async (store) => {
    const events = Array.from({ length: 700 }, (_, at) => alertEvent({ alertId: `a${at}`, labels: { at: `${at}` } }));
    await store.recordAlerts(events.slice(0, 300));
    await store.recordAlerts(shuffled(events, randomOf(3)));
    const told = await store.alertEvents(EVER, 1_000);
    assert.equal(new Set(told.map(({ alertId }) => alertId)), new Set(events.map(({ alertId }) => alertId)));
    assert.is(told.length, 700);
    assert.equal(told.slice(400), events.slice(0, 300).reverse());
    assert.equal(await store.alertEvents(EVER, 5), told.slice(0, 5));
  });

  contract("of a range, a rule, an incident; the range's end is not in it", async (store) => {
    const events = Array.from({ length: 40 }, (_, at) =>
      alertEvent({
        ...{ atMs: START_MS + at * 5 * DAY, alertId: `a${at}`, rule: `rule ${at % 2}`, incident: `i${at % 3}` },
      }),
    );
    await store.recordAlerts(events);
    const range = { fromMs: START_MS + 10 * DAY, toMs: START_MS + 150 * DAY };
    const within = events.slice(2, 30).reverse();
    assert.equal(await store.alertEvents(range, 100), within);
    const of = (selection: { rule?: string; incident?: string }) => store.alertEvents(range, 100, selection);
    assert.equal(
      await of({ rule: "rule 1" }),
      within.filter(({ rule }) => rule === "rule 1"),
    );
    assert.equal(
      await of({ incident: "i2" }),
      within.filter(({ incident }) => incident === "i2"),
    );
    const both = within.filter(({ rule, incident }) => rule === "rule 0" && incident === "i0");
    assert.ok(both.length > 3);
    assert.equal(await of({ rule: "rule 0", incident: "i0" }), both);
    assert.equal(
      await store.alertEvents(range, 3, { rule: "rule 0" }),
      within.filter(({ rule }) => rule === "rule 0").slice(0, 3),
    );
    assert.equal(await of({ rule: "rule 1' OR rule = 'rule 0" }), []);
    assert.equal(await of({ incident: "" }), within, "empty is every one");
  });

  contract("events of alerts are kept as long as hours, and are no part of what was counted", async (store) => {
    const old = alertEvent({ alertId: "old" });
    const young = alertEvent({ alertId: "young", atMs: START_MS + 100 * DAY });
    await store.append([windowOf([observation()])], 1);
    await store.recordAlerts([old, young]);
    assert.is(await total(store, EVER), 1);
    await store.expire(START_MS + 300 * DAY);
    assert.equal(await store.alertEvents(EVER, 10), [young, old]);
    await store.expire(START_MS + 400 * DAY);
    assert.equal(await store.alertEvents(EVER, 10), [young]);
    await store.append([windowOf([observation()], { startMs: START_MS + 400 * DAY })], 2);
    assert.is(await store.cursor(), 2);
  });

  contract("what no event can be, and what cannot be asked, is refused by its name", async (store) => {
    for (const [field, work] of [
      ["limit", () => store.alertEvents(EVER, 0)],
      ["limit", () => store.alertEvents(EVER, 1_001)],
      ["from", () => store.alertEvents({ fromMs: 2, toMs: 1 }, 1)],
      ["atMs", () => store.recordAlerts([alertEvent({ atMs: 1.5 })])],
      ["alertId", () => store.recordAlerts([alertEvent({ alertId: "" })])],
      ["value", () => store.recordAlerts([alertEvent({ measured: { ...alertEvent().measured, value: Infinity } })])],
    ] as const) {
      const error: unknown = await work().catch((caught: unknown) => caught);
      assert.instance(error, StoreInputError);
      assert.is((error as StoreInputError).field, field);
    }
    assert.equal(await store.alertEvents(EVER, 10), []);
  });
}
