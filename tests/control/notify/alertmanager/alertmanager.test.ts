import { test } from "uvu";
import * as assert from "uvu/assert";
import type { PostableAlert } from "../../../../control/notify/alertmanager/alerts.ts";
import { alertOf, firing, resolved } from "../fixtures.ts";
import { failureOf, httpContract, notifierOf } from "../http-contract.ts";
import { ReceiverServer, answer } from "../receiver-server.ts";

const TOKEN = "hush-hush-8";

httpContract(test, {
  spec: (url) => ({ alertmanager: { urls: [`${url}/am/`], bearerToken: TOKEN } }),
  taken: answer(200),
  secrets: [TOKEN],
});

test("each alert of an incident is one there; it holds by itself for minutes, and ends when it did", async () => {
  const server = await ReceiverServer.start(answer(200));
  const notifier = notifierOf({ alertmanager: { urls: [server.url], username: "me", password: TOKEN } });
  const other = alertOf({ id: "a2", severity: "warning", labels: { "client.workload": "shop/cart", route: "" } });
  const about = { alerts: [alertOf(), other] };
  assert.is(await failureOf(notifier, firing({}, about)), undefined);
  assert.is(await failureOf(notifier, resolved({}, about)), undefined);
  server.stop();
  assert.is(server.got[0]!.path, "/api/v2/alerts");
  assert.is(server.got[0]!.headers.authorization, `Basic ${Buffer.from(`me:${TOKEN}`).toString("base64")}`);
  const [fired, over] = server.bodies<PostableAlert[]>();
  assert.equal(fired![0]!.labels, {
    alertname: "errors-by-workload",
    severity: "critical",
    workload: "shop/user",
    namespace: "shop",
    owner: "team-accounts",
    incident: "i1",
  });
  assert.equal([fired![1]!.labels["client_workload"], fired![1]!.labels["route"]], ["shop/cart", undefined]);
  const { startsAt, endsAt, generatorURL, annotations } = fired![0]!;
  assert.equal([startsAt, endsAt], ["2026-11-29T08:21:39.000Z", "2026-11-29T08:25:39.000Z"]);
  assert.match(generatorURL!, "https://sidelight.example/");
  assert.equal(Object.keys(annotations), ["summary", "description", "runbook_url", "origin", "how_bad", "affected"]);
  assert.equal(
    over!.map((alert) => [JSON.stringify(alert.labels), alert.startsAt, alert.endsAt]),
    fired!.map((alert) => [JSON.stringify(alert.labels), alert.startsAt, "2026-11-29T08:34:39.000Z"]),
    "by its labels it is the same alert",
  );
});

test("an alert that is over ends while its incident goes on", async () => {
  const server = await ReceiverServer.start(answer(200));
  const over = alertOf({ id: "a2", state: "resolved", resolvedMs: Date.parse("2026-11-29T08:20:50Z") });
  await failureOf(notifierOf({ alertmanager: { urls: [server.url] } }), firing({}, { alerts: [alertOf(), over] }));
  server.stop();
  assert.equal(
    server.bodies<PostableAlert[]>()[0]!.map(({ endsAt }) => endsAt),
    ["2026-11-29T08:25:39.000Z", "2026-11-29T08:20:50.000Z"],
  );
});

test("all instances of a cluster are told, and one that takes it is enough", async () => {
  const [one, other] = [await ReceiverServer.start(answer(400)), await ReceiverServer.start(answer(200))];
  const notifier = notifierOf({ alertmanager: { urls: [one.url, other.url] } });
  assert.is(await failureOf(notifier, firing()), undefined);
  other.reaction = answer(503);
  assert.is((await failureOf(notifier, firing()))?.reason, "failed", "what passes counts, for it may be tried again");
  assert.equal([one.got.length, other.got.length], [2, 2]);
  one.stop();
  other.stop();
});

test.run();
