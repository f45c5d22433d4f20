import { told } from "../http-post.ts";
import { NotifyError } from "../notification.ts";
import type { Failure } from "../notification.ts";

/** What nodemailer says of an error. */
interface SmtpError extends Error {
  readonly code?: string;
  /** The number that the server answered with. */
  readonly responseCode?: number;
}

/** Errors of a connection that never came to be. */
const NEVER_CONNECTED = new Set(["EDNS", "ETLS", "EPROTOCOL"]);

export interface Attempt {
  /** What must not be in the error. */
  readonly secrets: readonly string[];
  readonly signal: AbortSignal;
  /** The server had said something before. */
  readonly wasGreeted: boolean;
}

/** What an error of sending a mail means. */
export function notifyError(cause: unknown, { secrets, signal, wasGreeted }: Attempt): NotifyError {
  const error = cause as SmtpError;
  if (signal.aborted) return new NotifyError("The mail server gave no answer in time", "timeout");
  // The cause is not kept: its texts are not scrubbed.
  return new NotifyError(
    `Sending a mail: ${told(error.message, secrets)}${wayOut(error)}`,
    reasonOf(error, wasGreeted),
  );
}

function reasonOf({ code = "", responseCode = 0 }: SmtpError, wasGreeted: boolean): Failure {
  if (responseCode >= 500) return "refused";
  if (responseCode >= 400) return "failed";
  if (code === "EAUTH" || code === "ENOAUTH" || code === "EENVELOPE" || code === "EMESSAGE") return "refused";
  // Where a connection ended nodemailer does not say, so it may have been after the last byte of the mail.
  return wasGreeted && !NEVER_CONNECTED.has(code) ? "broken" : "unreachable";
}

function wayOut({ code }: SmtpError): string {
  if (code === "EAUTH" || code === "ENOAUTH") return ". Check email.username and email.password";
  return code === "ETLS" ? ". Check email.security, which must be tls, starttls or none" : "";
}
