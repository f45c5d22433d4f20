/**
 * A process for outbox-kill.test.ts: tells the webhook at argv[3] of an incident, and of its end, out of the outbox at argv[2], and
 * ends once both are taken. With argv[4] it kills itself there: "marked" is before something is sent, "sent" when it was
 * taken and that is not yet written down.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { Registry } from "prom-client";
import { AlertDb } from "../../../../control/alerts/alert-db.ts";
import { realClock } from "../../../../control/notify/outbox/clock.ts";
import { Outbox } from "../../../../control/notify/outbox/outbox.ts";
import { makeReceiver, receiverSpec } from "../../../../control/notify/receivers.ts";
import { secretsOf } from "../../../../control/notify/secret.ts";
import { firing, resolved } from "../fixtures.ts";

const [path = "", url = "", step = "", of = ""] = process.argv.slice(2);
const db = new AlertDb(path);
const made = makeReceiver("hook", receiverSpec.parse({ webhook: { url } }), {
  secrets: secretsOf({}),
  nowMs: Date.now,
});
const killAt = (here: string, state: string): void => {
  if (step === here && of === state) process.kill(process.pid, "SIGKILL");
};
const receiver = {
  ...made,
  notifier: {
    send: async (...given: Parameters<typeof made.notifier.send>): Promise<void> => {
      const { state } = given[0].incident;
      killAt("marked", state);
      await made.notifier.send(...given);
      killAt("sent", state);
    },
  },
};
const outbox = new Outbox({ db, clock: realClock, registry: new Registry(), receivers: [receiver] });

/** Tells it again each time, as an engine that was killed with it would. */
for (const notification of [firing(), resolved()]) {
  await outbox.tell([{ notification, receivers: ["hook"] }]);
  while (outbox.status()[0]!.waiting > 0) await sleep(5);
}
await outbox.close();
await db.close();
