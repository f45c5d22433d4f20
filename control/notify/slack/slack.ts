/** Slack's incoming webhooks, and what understands them (Mattermost). */
import { z } from "zod";
import { postJson, told } from "../http-post.ts";
import { READABLE_PER_MINUTE } from "../kind.ts";
import type { Kind } from "../kind.ts";
import { NotifyError } from "../notification.ts";
import { readUrl, secretUrl } from "../secret.ts";
import { escapeSlack, slackMessage } from "./blocks.ts";

const settings = z.strictObject({ url: secretUrl });

export const slack: Kind<z.output<typeof settings>> = {
  settings,
  maxPerMinute: READABLE_PER_MINUTE,
  make: ({ url }, { secrets, nowMs, say }) => ({
    async send(notification, signal) {
      const body = JSON.stringify(slackMessage(say(notification, escapeSlack)));
      const address = readUrl(url, secrets);
      const post = { to: "Slack", url: address, body, secrets: [address], nowMs: nowMs() };
      const answer = await postJson(post, signal);
      if (answer.text.trim() === "ok") return;
      throw new NotifyError(`Slack answered "${told(answer.text, [address])}" where "ok" was due`, "broken");
    },
  }),
};
