/** JSON to any program, signed. */
import { z } from "zod";
import { postJson } from "../http-post.ts";
import { READABLE_PER_MINUTE } from "../kind.ts";
import type { Kind } from "../kind.ts";
import { readUrl, secret, secretUrl } from "../secret.ts";
import { asIs } from "../speech.ts";
import { webhookBody } from "./body.ts";
import { SIGNATURE_HEADER, signatureOf } from "./signature.ts";

const MAX_HEADERS = 20;
/** Headers that the connection needs for itself, and those that say what the body is. */
const OWN = new Set(["content-length", "content-type", "host", "connection", "transfer-encoding", SIGNATURE_HEADER]);

const settings = z.strictObject({
  url: secretUrl,
  /** What bodies are signed with; not signed where it is left out. */
  secret: secret.optional(),
  headers: z
    .record(
      z
        .string()
        .regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,128}$/, { error: "must be the name of a header" })
        .refine((name) => !OWN.has(name.toLowerCase()), {
          error: "must be a header that Sidelight does not set itself",
        }),
      secret,
    )
    .refine((headers) => Object.keys(headers).length <= MAX_HEADERS, { error: `must be ${MAX_HEADERS} at most` })
    .default({}),
});

export const webhook: Kind<z.output<typeof settings>> = {
  settings,
  maxPerMinute: READABLE_PER_MINUTE,
  make: ({ url, secret: key, headers }, { secrets, nowMs, say }) => ({
    async send(notification, signal) {
      const body = JSON.stringify(webhookBody(notification, say(notification, asIs)));
      const signingKey = key?.read(secrets);
      const address = readUrl(url, secrets);
      const own = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value.read(secrets)] as const);
      await postJson(
        {
          to: "The webhook",
          url: address,
          body,
          headers: {
            ...Object.fromEntries(own),
            "idempotency-key": notification.id,
            ...(signingKey !== undefined && { [SIGNATURE_HEADER]: signatureOf(body, signingKey, nowMs()) }),
          },
          secrets: [address, signingKey ?? "", ...own.map(([, value]) => value)],
          nowMs: nowMs(),
        },
        signal,
      );
    },
  }),
};
