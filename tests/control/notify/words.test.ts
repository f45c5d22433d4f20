import { test } from "uvu";
import * as assert from "uvu/assert";
import { howBad, lengthOf, wordsOf } from "../../../control/notify/words.ts";
import { alertOf, firing, resolved } from "./fixtures.ts";

const facts = (...given: Parameters<typeof wordsOf>): Record<string, string> =>
  Object.fromEntries(wordsOf(...given).facts.map(({ name, text }) => [name, text]));

test("what is resolved says when and how long it lasted", () => {
  const said = facts(resolved());
  assert.is(said["Since"], "2026-11-29 08:20:39 UTC, 14 min long");
  assert.is(said["Resolved"], "2026-11-29 08:34:39 UTC");
});

test("what is not known is left out", () => {
  const nothing = alertOf({
    owner: "",
    runbook: "",
    description: "",
    measured: { value: 1, limit: 0, usual: null, requests: 0, bad: 0 },
  });
  const about = firing(
    { mapUrl: "" },
    { alerts: [nothing], affected: [], origin: { server: "", method: "", route: "" } },
  );
  assert.equal(Object.keys(facts(about)), ["Since"]);
  assert.equal(wordsOf(about).links, []);
});

test("how bad it is against what is usual and against the limit", () => {
  const measured = { value: 0.2, limit: 0.01, usual: null, requests: 1_000, bad: 200 };
  assert.is(howBad(measured), "20 times the limit; 200 of 1,000 requests");
  assert.match(howBad({ ...measured, usual: 0 }), "usually there is none of it here at this time");
  assert.match(howBad({ ...measured, usual: 0.4, bad: 0 }), "0.5 times what is usual here at this time");
  assert.match(howBad({ ...measured, usual: 0.00001 }), "20,000 times what is usual");
});

test("lengths have their two largest units", () => {
  const minute = 60_000;
  assert.equal(
    [0, 400, 59_600, 61_000, 60 * minute, 125 * minute, 26 * 60 * minute, 24 * 60 * minute + 5_000].map(lengthOf),
    ["0 s", "0 s", "1 min", "1 min 1 s", "1 h", "2 h 5 min", "1 d 2 h", "1 d"],
  );
});

test.run();
