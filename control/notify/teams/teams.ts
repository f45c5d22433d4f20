/** Microsoft Teams, by the workflow "Post to a channel when a webhook request is received". */
import { z } from "zod";
import { postJson } from "../http-post.ts";
import { READABLE_PER_MINUTE } from "../kind.ts";
import type { Kind } from "../kind.ts";
import { readUrl, secretUrl } from "../secret.ts";
import { escapeTeams, teamsMessage } from "./card.ts";

const settings = z.strictObject({ url: secretUrl });

export const teams: Kind<z.output<typeof settings>> = {
  settings,
  maxPerMinute: READABLE_PER_MINUTE,
  make: ({ url }, { secrets, nowMs, say }) => ({
    async send(notification, signal) {
      const body = JSON.stringify(teamsMessage(say(notification, escapeTeams)));
      const address = readUrl(url, secrets);
      const post = { to: "Teams", url: address, body, secrets: [address, keyOf(address)], nowMs: nowMs() };
      await postJson(post, signal);
    },
  }),
};

/** What in the address makes it a secret. */
function keyOf(address: string): string {
  return new URL(address).searchParams.get("sig") ?? "";
}
