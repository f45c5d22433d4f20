import { createHmac } from "node:crypto";

/** The header that says who wrote a body and when. */
export const SIGNATURE_HEADER = "sidelight-signature";

/**
 * "t=1764404439,v1=5257a8...": HMAC-SHA256 over the time (seconds since the epoch), a dot and the body, in hexadecimal digits.
 * With the time in it, what somebody recorded cannot be sent again later.
 */
export function signatureOf(body: string, secret: string, nowMs: number): string {
  const seconds = Math.floor(nowMs / 1_000);
  const digest = createHmac("sha256", secret).update(`${seconds}.${body}`).digest("hex");
  return `t=${seconds},v1=${digest}`;
}
