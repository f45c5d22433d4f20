/** What receivers are told. */
import type { Incident } from "../alerts/alert.ts";

/** One thing to say of one incident to one receiver. */
export interface Notification {
  /**
   * The same each time that this is tried, another for each thing that is said: a receiver that knows it has it already. Of one
   * incident each severity that it reached and its end differ.
   */
  readonly id: string;
  readonly incident: Incident;
  /** The map at that moment; empty where nobody said under which address people reach the UI. */
  readonly mapUrl: string;
  /**
   * It may have been sent before: control was killed between sending it and writing that down, or a try ended without an answer
   * that says whether it was taken.
   */
  readonly mayBeRepeated: boolean;
  /** It is a try, sent by hand; it says so. */
  readonly isTest: boolean;
}

/** Says a notification over one protocol. */
export interface Notifier {
  /** Where it mirrors what is firing and must hear it again and again, rather than tell people once. */
  readonly repeat?: Repeat;
  /**
   * Resolves once the receiver has taken it.
   * @throws NotifyError
   */
  send(notification: Notification, signal: AbortSignal): Promise<void>;
}

/** How often a receiver must hear the same again. */
export interface Repeat {
  readonly everyMs: number;
  /** How long it hears that something is resolved. */
  readonly resolvedForMs: number;
}

/**
 * Why something was not taken.
 *
 * - `timeout`: no answer in time
 * - `unreachable`: it never got there: no address, no connection, no trust
 * - `broken`: the connection ended before the answer, or the answer could not be read
 * - `failed`: the receiver failed (a 5xx, or a passing error of a mail server)
 * - `limited`: it was too much at once (429)
 * - `refused`: it will never be taken as it is (another 4xx, an unknown mailbox)
 * - `settings`: a secret of the receiver could not be read
 */
export const FAILURES = ["timeout", "unreachable", "broken", "failed", "limited", "refused", "settings"] as const;

export type Failure = (typeof FAILURES)[number];

/** A notification was not taken, or nobody knows whether it was. The message never holds a secret. */
export class NotifyError extends Error {
  override readonly name = "NotifyError";
  /** How long the receiver asks to be left alone; undefined where it says nothing. */
  readonly retryAfterMs: number | undefined;

  constructor(
    message: string,
    readonly reason: Failure,
    options: { readonly cause?: unknown; readonly retryAfterMs?: number | undefined } = {},
  ) {
    super(message, { cause: options.cause });
    this.retryAfterMs = options.retryAfterMs;
  }

  /** Trying it again as it is would be of no use. */
  get isLasting(): boolean {
    return this.reason === "refused";
  }

  /** The receiver may have it all the same. */
  get mayHaveArrived(): boolean {
    return this.reason === "timeout" || this.reason === "broken" || this.reason === "failed";
  }
}
