import { told } from "../http-post.ts";
import { NotifyError } from "../notification.ts";
import type { Failure } from "../notification.ts";

/** What nodemailer says of an error. */
interface SmtpError extends Error {
  readonly code?: string;
  /** What the socket said, where `code` says no more than that it was one. */
  readonly originalCode?: string;
  /** The number that the server answered with. */
  readonly responseCode?: number;
}

/** Errors of a connection that never came to be. */
const NEVER_CONNECTED = new Set(["EDNS", "ETLS", "EPROTOCOL"]);
/** Codes of a connection that was never encrypted, so that no mail was begun; and what is to be done. */
const NEVER_SECURED: readonly (readonly [RegExp, string])[] = [
  [
    /^(?:UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|CERT_UNTRUSTED$)/,
    "To trust it, start control with NODE_EXTRA_CA_CERTS set to a file with the certificate of its authority",
  ],
  [/^ERR_TLS_CERT_ALTNAME_INVALID$/, "email.host must be a name that the certificate has"],
  [/^CERT_/, "The mail server needs a certificate that is valid now"],
  [
    /^(?:EPROTO$|ERR_SSL_(?:WRONG_VERSION|PACKET_LENGTH|UNSUPPORTED|.*HANDSHAKE))/,
    "Check email.security and email.port: tls is mostly at 465, starttls at 587",
  ],
];

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

function reasonOf(error: SmtpError, wasGreeted: boolean): Failure {
  const { code = "", responseCode = 0 } = error;
  if (wayToSecure(error) !== undefined) return "unreachable";
  if (responseCode >= 500) return "refused";
  if (responseCode >= 400) return "failed";
  if (code === "EAUTH" || code === "ENOAUTH" || code === "EENVELOPE" || code === "EMESSAGE") return "refused";
  // Where a connection ended nodemailer does not say, so it may have been after the last byte of the mail.
  return wasGreeted && !NEVER_CONNECTED.has(code) ? "broken" : "unreachable";
}

function wayToSecure({ originalCode = "" }: SmtpError): string | undefined {
  return NEVER_SECURED.find(([codes]) => codes.test(originalCode))?.[1];
}

function wayOut(error: SmtpError): string {
  const { code } = error;
  const way = wayToSecure(error);
  if (way !== undefined) return `. ${way}`;
  if (code === "EAUTH" || code === "ENOAUTH") return ". Check email.username and email.password";
  return code === "ETLS" ? ". Check email.security, which must be tls, starttls or none" : "";
}
