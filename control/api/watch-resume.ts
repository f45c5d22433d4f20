/**
 * Where a watch goes on after a cut. A token says up to when answers were told, and carries a digest of the question that
 * it goes on with. It outlives control and is good at any replica, so no secret is in it: who forges one learns
 * nothing that could not be asked for. Its checksum tells a mangled one.
 */
import { createHash } from "node:crypto";
import { HttpError } from "./http-errors.ts";
import { MAX_TIME_MS } from "./queries.ts";

const VERSION = 1;
const DIGEST_BYTES = 16;
const CHECKSUM_BYTES = 8;
/** Version, milliseconds since the epoch, digest of the question, checksum. */
const BODY_BYTES = 1 + 8 + DIGEST_BYTES;
const TOKEN_BYTES = BODY_BYTES + CHECKSUM_BYTES;
const TOKEN_LENGTH = Math.ceil((TOKEN_BYTES * 4) / 3);

/** @param digest of the question, as digestOf makes it */
export function resumeToken(atMs: number, digest: Buffer): string {
  const body = Buffer.alloc(BODY_BYTES);
  body.writeUInt8(VERSION, 0);
  body.writeBigUInt64BE(BigInt(atMs), 1);
  digest.copy(body, 9, 0, DIGEST_BYTES);
  return Buffer.concat([body, checksum(body)]).toString("base64url");
}

/**
 * @returns up to when answers were told, milliseconds since the epoch
 * @throws HttpError 400 that names "resume"
 */
export function readResumeToken(token: string, digest: Buffer): number {
  const bytes = token.length === TOKEN_LENGTH ? Buffer.from(token, "base64url") : Buffer.alloc(0);
  const body = bytes.subarray(0, BODY_BYTES);
  const isWhole =
    bytes.toString("base64url") === token &&
    bytes.length === TOKEN_BYTES &&
    body[0] === VERSION &&
    checksum(body).equals(bytes.subarray(BODY_BYTES));
  if (!isWhole) throw wrong("is none that a watch gave out; take it from its last answer, or start without it");
  if (!body.subarray(9).equals(digest)) throw wrong("goes on with another question: ask as you asked for the watch");
  const atMs = body.readBigUInt64BE(1);
  if (atMs > BigInt(MAX_TIME_MS)) throw wrong("lies beyond what a date can name");
  return Number(atMs);
}

function checksum(body: Buffer): Buffer {
  return createHash("sha256").update("sidelight watch").update(body).digest().subarray(0, CHECKSUM_BYTES);
}

function wrong(why: string): HttpError {
  return new HttpError(400, `"resume" ${why}`, { field: "resume" });
}
