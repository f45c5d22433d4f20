/** PagerDuty's Events API v2. */
import { z } from "zod";
import { postJson, told } from "../http-post.ts";
import { READABLE_PER_MINUTE } from "../kind.ts";
import type { Kind } from "../kind.ts";
import { NotifyError } from "../notification.ts";
import { plainUrl, secret } from "../secret.ts";
import { asIs } from "../speech.ts";
import { pagerDutyEvent } from "./event.ts";

const settings = z.strictObject({
  /** Of an integration "Events API V2" of a service. */
  routingKey: secret,
  url: plainUrl.default("https://events.pagerduty.com/v2/enqueue"),
});

export const pagerduty: Kind<z.output<typeof settings>> = {
  settings,
  maxPerMinute: READABLE_PER_MINUTE,
  make: ({ routingKey, url }, { secrets, nowMs, say }) => ({
    async send(notification, signal) {
      const key = routingKey.read(secrets);
      const body = JSON.stringify(pagerDutyEvent(notification, say(notification, asIs), key));
      const { text } = await postJson({ to: "PagerDuty", url, body, secrets: [key], nowMs: nowMs() }, signal);
      if (isTaken(text)) return;
      throw new NotifyError(
        `PagerDuty answered "${told(text, [key])}" where { "status": "success" } was due`,
        "broken",
      );
    },
  }),
};

function isTaken(text: string): boolean {
  try {
    return (JSON.parse(text) as { status?: unknown } | null)?.status === "success";
  } catch {
    return false;
  }
}
