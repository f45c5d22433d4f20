import { test } from "uvu";
import * as assert from "uvu/assert";
import { SLOT_MS } from "../../../../control/alerts/counting/slots.ts";
import { AlertEngine } from "../../../../control/alerts/engine.ts";
import { alertsOf, causesOf, eventOf } from "../../../../control/alerts/running/alert-events.ts";
import type { AlertEvent } from "../../../../control/store/alert-event.ts";
import { BEGIN_MS, MINUTE_MS, stepOf, threshold } from "../fixtures.ts";

/** Each slot `front` asks `orders`, which asks `user`. @returns the events, the oldest first */
function eventsOf(failed: readonly number[]): AlertEvent[] {
  const engine = new AlertEngine({ rules: [threshold({ windowMs: MINUTE_MS })] });
  engine.begin(BEGIN_MS);
  return failed.flatMap((count) => {
    const asked = { good: 100 - count, failed: count };
    const chain = [
      { client: "shop/orders", server: "shop/user", route: "/cards", ...asked },
      { client: "shop/front", server: "shop/orders", ...asked },
    ];
    engine.replay(stepOf(engine.endMs, chain), SLOT_MS);
    const { changes, endMs } = engine.tick([]);
    return changes.map((change) => eventOf(change, endMs));
  });
}

test("every change of an incident's alerts keeps what it was put down to, the last one too", () => {
  const events = eventsOf([...Array<number>(6).fill(0), ...Array<number>(20).fill(30), ...Array<number>(30).fill(0)]);
  assert.equal(events.map(({ state, labels }) => `${state} ${labels["workload"]}`).sort(), [
    "firing shop/orders",
    "firing shop/user",
    "resolved shop/orders",
    "resolved shop/user",
  ]);
  for (const { cause } of events) {
    assert.equal([cause?.server, cause?.method, cause?.route], ["shop/user", "GET", "/cards"]);
  }
  const newestFirst = [...events].reverse();
  const causes = causesOf(newestFirst);
  assert.is(causes.size, 1);
  const [alert] = alertsOf(newestFirst, () => undefined);
  assert.ok(causes.get(alert!.incident)!.affected.includes("shop/orders"));
});

test("whom an incident hurt is all that its events name; of events without a cause there is none", () => {
  const [event] = eventsOf([0, 0, 0, ...Array<number>(10).fill(50)]);
  const of = (incident: string, affected: readonly string[]): AlertEvent => {
    return { ...event!, incident, cause: { server: "a", method: "", route: "", affected } };
  };
  const causes = causesOf([of("one", ["b"]), of("two", []), of("one", ["c", "b"]), { ...of("old", []), cause: null }]);
  assert.equal(
    [...causes],
    [
      ["one", { server: "a", method: "", route: "", affected: ["b", "c"] }],
      ["two", { server: "a", method: "", route: "", affected: [] }],
    ],
  );
});

test.run();
