/** Posting to a receiver over HTTP, with everything that can go wrong told apart. */
import { NotifyError } from "./notification.ts";
import type { Failure } from "./notification.ts";

/** What of an answer is read at most, and what of that is told. */
const MAX_ANSWER_BYTES = 65_536;
const MAX_TOLD = 300;

/** Errors of a connection that was never made; whatever else ends one may have come after the receiver got it all. */
const NEVER_CONNECTED =
  /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|ENETDOWN|EACCES|EPERM|UND_ERR_CONNECT_TIMEOUT)$|CERT|SIGNATURE|ERR_TLS|ERR_SSL|EPROTO/;

export interface Post {
  /** Who is written to, for errors: "Slack". Never the address, which may be a secret. */
  readonly to: string;
  readonly url: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** What must not be in an error, should the receiver repeat it. */
  readonly secrets: readonly string[];
  readonly nowMs: number;
}

export interface PostAnswer {
  readonly status: number;
  readonly text: string;
}

/**
 * Posts JSON; a 2xx is what it takes.
 * @throws NotifyError
 */
export async function postJson(post: Post, signal: AbortSignal): Promise<PostAnswer> {
  const response = await sendOff(post, signal);
  const text = await textOf(response).catch((cause: unknown) => {
    throw unanswered(post, cause, signal);
  });
  const { status } = response;
  if (response.ok) return { status, text };
  const where = response.headers.get("location");
  const moved = where === null ? "" : `; it is elsewhere now, at a host named ${hostOf(where, post.url)}`;
  throw new NotifyError(`${post.to} answered ${status} ${told(text, post.secrets)}${moved}`.trim(), reasonOf(status), {
    retryAfterMs: retryAfter(response.headers.get("retry-after"), post.nowMs),
  });
}

async function sendOff(post: Post, signal: AbortSignal): Promise<Response> {
  try {
    return await fetch(post.url, {
      method: "POST",
      headers: { "content-type": "application/json", "user-agent": "sidelight", ...post.headers },
      body: post.body,
      // A secret is not carried to where somebody else points.
      redirect: "manual",
      signal,
    });
  } catch (cause) {
    throw unanswered(post, cause, signal);
  }
}

function unanswered({ to, secrets }: Post, cause: unknown, signal: AbortSignal): NotifyError {
  if (signal.aborted) return new NotifyError(`${to} gave no answer in time`, "timeout", { cause });
  const deeper = (cause as Error).cause;
  const why = deeper instanceof Error ? deeper : (cause as Error);
  const code = (why as NodeJS.ErrnoException).code ?? "";
  const isUnreachable = NEVER_CONNECTED.test(code);
  const words = told(why.message === "" ? code : why.message, secrets);
  const message = isUnreachable ? `${to} cannot be reached: ${words}` : `${to} broke off before it answered: ${words}`;
  // The cause is not kept: its texts are not scrubbed.
  return new NotifyError(message, isUnreachable ? "unreachable" : "broken");
}

async function textOf({ body }: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  const reader = body?.getReader();
  while (reader && bytes < MAX_ANSWER_BYTES) {
    const { value } = await reader.read();
    if (value === undefined) break;
    chunks.push(value);
    bytes += value.length;
  }
  await reader?.cancel();
  return Buffer.concat(chunks).subarray(0, MAX_ANSWER_BYTES).toString("utf8");
}

function reasonOf(status: number): Failure {
  if (status === 429) return "limited";
  if (status === 408 || status === 425) return "failed";
  return status < 500 ? "refused" : "failed";
}

/** What a receiver said, short, on one line and without secrets. */
export function told(text: string, secrets: readonly string[]): string {
  const safe = secrets.filter((each) => each !== "").reduce((rest, each) => rest.replaceAll(each, "(hidden)"), text);
  return safe.replace(/\s+/g, " ").trim().slice(0, MAX_TOLD);
}

function hostOf(location: string, base: string): string {
  return URL.canParse(location, base) ? new URL(location, base).host : "that cannot be read";
}

/** Seconds, or a date. */
function retryAfter(value: string | null, nowMs: number): number | undefined {
  if (value === null) return undefined;
  const ms = /^\d+$/.test(value.trim()) ? Number(value) * 1_000 : Date.parse(value) - nowMs;
  return Number.isFinite(ms) && ms > 0 ? ms : undefined;
}
