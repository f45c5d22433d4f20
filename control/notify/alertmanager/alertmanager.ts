/** Prometheus Alertmanager: its routes, groups and silences then decide who is told. */
import { z } from "zod";
import { postJson } from "../http-post.ts";
import type { Kind } from "../kind.ts";
import type { NotifyError } from "../notification.ts";
import { plainUrl, secret } from "../secret.ts";
import { REPEAT_MS, RESOLVED_FOR_MS, postableAlerts } from "./alerts.ts";

const MAX_INSTANCES = 10;

const settings = z
  .strictObject({
    /** Every instance of one cluster, each by its own address. */
    urls: z.array(plainUrl).min(1).max(MAX_INSTANCES),
    bearerToken: secret.optional(),
    username: z.string().min(1).max(320).optional(),
    password: secret.optional(),
  })
  .refine(({ username, password }) => (username === undefined) === (password === undefined), {
    path: ["password"],
    error: "must be set with username, and only with it",
  })
  .refine(({ username, bearerToken }) => username === undefined || bearerToken === undefined, {
    path: ["bearerToken"],
    error: "must not be set beside username",
  });

/** Repeats are many and nobody reads them. */
const MAX_PER_MINUTE = 1_000;

export const alertmanager: Kind<z.output<typeof settings>> = {
  settings,
  maxPerMinute: MAX_PER_MINUTE,
  make: ({ urls, bearerToken, username, password }, { secrets, nowMs }) => ({
    repeat: { everyMs: REPEAT_MS, resolvedForMs: RESOLVED_FOR_MS },
    async send(notification, signal) {
      const body = JSON.stringify(postableAlerts(notification, nowMs()));
      const key = (bearerToken ?? password)?.read(secrets) ?? "";
      const basic = Buffer.from(`${username ?? ""}:${key}`).toString("base64");
      const authorization = bearerToken ? `Bearer ${key}` : `Basic ${basic}`;
      const headers = key === "" ? {} : { authorization };
      const posts = urls.map((url) => {
        const address = `${url.replace(/\/+$/, "")}/api/v2/alerts`;
        return postJson(
          { to: "Alertmanager", url: address, body, headers, secrets: [key, basic], nowMs: nowMs() },
          signal,
        );
      });
      // Each instance must be told, since each tells the others only what it sent; one that missed it gets the next repeat.
      const results = await Promise.allSettled(posts);
      if (results.some(({ status }) => status === "fulfilled")) return;
      throw worst(results.map((result) => (result as PromiseRejectedResult).reason as NotifyError));
    },
  }),
};

/** What passes, where any does: an instance that is down may come back, whatever another refused. */
function worst(errors: readonly NotifyError[]): NotifyError {
  return errors.find(({ isLasting }) => !isLasting) ?? errors[0]!;
}
