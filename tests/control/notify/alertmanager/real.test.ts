import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Notification } from "../../../../control/notify/notification.ts";
import { makeReceiver, receiverSpec } from "../../../../control/notify/receivers.ts";
import { secretsOf } from "../../../../control/notify/secret.ts";
import { Alertmanager, findAlertmanager } from "../../../alertmanager.ts";
import type { AlertmanagerMessage } from "../../../alertmanager.ts";
import { loud } from "../../../loud.ts";
import { until } from "../../until.ts";
import { alertOf, firing, resolved } from "../fixtures.ts";
import { failureOf } from "../http-contract.ts";
import { ReceiverServer, answer } from "../receiver-server.ts";

const program = await findAlertmanager();
const test = suite("a real Alertmanager");
const scenario = (name: string, work: Parameters<typeof test>[1]): void =>
  program ? test(name, work) : test.skip(name, work);

let hook: ReceiverServer;
let real: Alertmanager | undefined;

/**
 * An incident of two alerts that fires since just now, or is over since just now, by the real clock, which Alertmanager
 * goes by: of alerts that began longer ago than its group_wait it tells at once, the first before it has the second.
 */
function now(make: typeof firing, id: string): Notification {
  const nowMs = Date.now();
  const isOver = make === resolved;
  const times = {
    sinceMs: nowMs - 60_000,
    firedMs: isOver ? nowMs - 30_000 : nowMs,
    resolvedMs: isOver ? nowMs : null,
    incident: id,
  };
  const state = isOver ? "resolved" : "firing";
  const labels = [{ workload: `shop/${id}` }, { "client.workload": "shop/front-end", "server.workload": `shop/${id}` }];
  const alerts = labels.map((each, at) => alertOf({ id: `${id}-${at}`, ...times, state, labels: each }));
  const notification = make({}, { id });
  return { ...notification, incident: { ...notification.incident, ...times, alerts } };
}

async function send(notification: Notification): Promise<void> {
  const spec = receiverSpec.parse({ alertmanager: { urls: [real!.url] } });
  const { notifier } = makeReceiver("am", spec, { secrets: secretsOf({}), nowMs: () => Date.now() });
  assert.is(await failureOf(notifier, notification), undefined);
}

/** What the webhook behind it was told of an incident. */
function told(id: string): AlertmanagerMessage[] {
  return hook.bodies<AlertmanagerMessage>().filter(({ groupLabels }) => groupLabels["incident"] === id);
}

test.before(
  loud(async () => {
    hook = await ReceiverServer.start(answer(200));
    if (program) real = await Alertmanager.start(program, hook.url, ["incident"]);
  }),
);
test.after(async () => {
  await real?.stop();
  hook.stop();
});

scenario(
  "the alerts of an incident are one group there, however often they are sent, and are over when it is",
  async () => {
    await send(now(firing, "user"));
    await until(() => told("user").length === 1, 6_000);
    const [first] = told("user");
    assert.equal([first!.status, first!.alerts.length], ["firing", 2]);
    assert.equal(
      new Set(first!.alerts.map(({ labels }) => `${labels["alertname"]} ${labels["severity"]} ${labels["namespace"]}`)),
      new Set(["errors-by-workload critical shop"]),
    );
    await send(now(firing, "user"));
    const listed = (await real!.alerts()).filter(({ labels }) => labels["incident"] === "user");
    assert.is(listed.length, 2, "sent again they are the same alerts");
    for (const alert of listed) {
      assert.match(alert.generatorURL, "https://sidelight.example/");
      assert.match(alert.annotations["how_bad"]!, "52 times what is usual");
      assert.ok(Date.parse(alert.endsAt) > Date.now(), "it holds until it is sent again");
    }
    await send(now(resolved, "user"));
    await until(() => told("user").length === 2, 6_000);
    const over = told("user")[1]!;
    assert.equal([over.status, ...over.alerts.map(({ status }) => status)], ["resolved", "resolved", "resolved"]);
  },
);

scenario("a silence there holds back what it matches and nothing else", async () => {
  await real!.silence("client_workload", "shop/front-end");
  await real!.silence("workload", "shop/cart");
  await send(now(firing, "cart"));
  await send(now(firing, "orders"));
  await until(() => told("orders").length === 1, 6_000);
  assert.is(told("orders")[0]!.alerts.length, 1);
  assert.equal(told("cart"), []);
  const states = (await real!.alerts())
    .filter(({ labels }) => labels["incident"] === "cart")
    .map(({ status }) => status.state);
  assert.equal(states, ["suppressed", "suppressed"]);
});

scenario("a test arrives under a name of its own", async () => {
  await send({ ...now(firing, "try"), isTest: true });
  await until(() => told("try").length === 1, 6_000);
  assert.is(told("try")[0]!.alerts[0]!.labels["alertname"], "SidelightTest");
});

test.run();
