import { test } from "uvu";
import * as assert from "uvu/assert";
import { firing, resolved } from "../fixtures.ts";
import { failureOf, httpContract, notifierOf } from "../http-contract.ts";
import { ReceiverServer, answer } from "../receiver-server.ts";

const KEY = "R0UT1NGK3Y";
const SUCCESS = JSON.stringify({ status: "success", message: "Event processed", dedup_key: "sidelight/i1" });

httpContract(test, {
  spec: (url) => ({ pagerduty: { url: `${url}/v2/enqueue`, routingKey: KEY } }),
  taken: answer(202, SUCCESS),
  secrets: [KEY],
});

interface Event {
  readonly routing_key: string;
  readonly dedup_key: string;
  readonly event_action: string;
  readonly client_url?: string;
  readonly links?: readonly { readonly href: string; readonly text: string }[];
  readonly payload?: {
    readonly summary: string;
    readonly source: string;
    readonly severity: string;
    readonly timestamp: string;
    readonly component: string;
    readonly group: string;
    readonly class: string;
    readonly custom_details: Readonly<Record<string, unknown>>;
  };
}

test("one incident is triggered, escalated and resolved under one key", async () => {
  const server = await ReceiverServer.start(answer(202, SUCCESS));
  const notifier = notifierOf({ pagerduty: { url: server.url, routingKey: { fromEnv: "PD" } } }, { PD: `${KEY}\n` });
  const warning = firing({}, { severity: "warning" });
  for (const each of [warning, firing(), resolved(), firing({ isTest: true })]) {
    assert.is(await failureOf(notifier, each), undefined);
  }
  server.stop();
  const events = server.bodies<Event>();
  assert.equal(
    events.map(({ event_action: action, payload }) => [action, payload?.severity]),
    [
      ["trigger", "warning"],
      ["trigger", "critical"],
      ["resolve", undefined],
      ["trigger", "info"],
    ],
  );
  assert.equal(
    new Set(events.map((event) => `${event.routing_key} ${event.dedup_key}`)),
    new Set([`${KEY} sidelight/i1`]),
  );
  const { payload, links, client_url: map } = events[1]!;
  assert.equal(
    [payload!.source, payload!.component, payload!.group, payload!.class, payload!.timestamp],
    ["shop/user", "GET /customers/{id}/cards", "team-accounts", "errors-by-workload", "2026-11-29T08:20:39.000Z"],
  );
  assert.match(payload!.summary, /^\[critical\] 5\.2 %/);
  assert.match(String(payload!.custom_details["how bad"]), "52 times what is usual");
  assert.is((payload!.custom_details["alerts"] as string[]).length, 2);
  assert.equal(
    links!.map(({ text }) => text),
    ["Map at that moment", "Runbook"],
  );
  assert.is(map, links![0]!.href);
});

test("an answer that is not PagerDuty's is no success", async () => {
  for (const text of ["", "<html>", "null", '{"status":"invalid event"}']) {
    const server = await ReceiverServer.start(answer(200, text));
    const error = (await failureOf(notifierOf({ pagerduty: { url: server.url, routingKey: KEY } }), firing()))!;
    server.stop();
    assert.is(error.reason, "broken");
  }
});

test.run();
