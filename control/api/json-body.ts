/** Bodies of requests: JSON, so large at most, and checked against a schema. */
import type { Context } from "hono";
import type { z } from "zod";
import { HttpError } from "./http-errors.ts";

const MAX_BODY_BYTES = 1 << 20;
/** Of one that is too large so much is read and passed over: a client that is still sending would not see the answer. */
const MAX_PASSED_OVER_BYTES = 8 << 20;

/**
 * An empty body is an empty object. Only `application/json` is taken: a page of another origin cannot send that unless it is
 * allowed to, while any page may post forms and plain text (https://fetch.spec.whatwg.org/#cors-safelisted-request-header).
 * @throws HttpError 415, 413; 400 that names the field at fault
 */
export async function readBody<Schema extends z.ZodObject>(
  context: Context,
  schema: Schema,
): Promise<z.output<Schema>> {
  const type = context.req.header("Content-Type")?.split(";")[0];
  if (type?.trim().toLowerCase() !== "application/json") {
    throw new HttpError(415, "Send the body as JSON, with the header Content-Type: application/json");
  }
  const result = schema.safeParse(jsonOf(await textOf(context.req.raw.body)));
  if (result.success) return result.data;
  throw faultOf(result.error.issues[0]!, Object.keys(schema.shape));
}

/** @param known fields that there are */
function faultOf(issue: z.core.$ZodIssue, known: readonly string[]): HttpError {
  if (issue.code === "unrecognized_keys") {
    const hint = known.length > 0 ? `there are ${known.join(", ")}` : "there are none";
    return wrongField(issue.keys[0]!, `is not known here; ${hint}`);
  }
  const field = issue.path.join(".");
  return field === "" ? new HttpError(400, "The body must be a JSON object") : wrongField(field, issue.message);
}

/** That a field of a body is wrong. */
export function wrongField(field: string, why: string): HttpError {
  return new HttpError(400, `Field "${field.slice(0, 64)}" ${why}`, { field: field.slice(0, 64) });
}

async function textOf(body: ReadableStream<Uint8Array> | null): Promise<string> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of (body ?? []) as unknown as AsyncIterable<Uint8Array>) {
    size += piece.length;
    if (size <= MAX_BODY_BYTES) pieces.push(piece);
    if (size > MAX_PASSED_OVER_BYTES) break;
  }
  if (size > MAX_BODY_BYTES) throw new HttpError(413, `The body is larger than ${MAX_BODY_BYTES} bytes`);
  return Buffer.concat(pieces).toString();
}

function jsonOf(text: string): unknown {
  if (text === "") return {};
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new HttpError(400, `The body is no JSON: ${(cause as Error).message}`, { cause });
  }
}
