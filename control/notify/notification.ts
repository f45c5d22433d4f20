/** What receivers are told. */
import type { Incident } from "../alerts/alert.ts";

/** One thing to say of one incident to one receiver. */
export interface Notification {
  /**
   * The same each time that this is tried, another for each thing that is said: a receiver that knows it has it already. Of one
   * incident "firing" and "resolved" differ.
   */
  readonly id: string;
  readonly incident: Incident;
  /** The map at that moment; empty where nobody said under which address people reach the UI. */
  readonly mapUrl: string;
  /** It may have been sent before: control was killed between sending it and writing that down. */
  readonly mayBeRepeated: boolean;
  /** It is a try, sent by hand; it says so. */
  readonly isTest: boolean;
}

/** Says a notification over one protocol. */
export interface Notifier {
  /**
   * Resolves once the receiver has taken it.
   * @throws NotifyError
   */
  send(notification: Notification, signal: AbortSignal): Promise<void>;
}

/** Why it was not taken. */
export class NotifyError extends Error {
  override readonly name = "NotifyError";

  /**
   * @param isLasting the receiver will never take it as it is (a 4xx, an unknown mailbox): trying again is of no use
   * @param retryAfterMs how long the receiver asks to be left alone; undefined where it says nothing
   */
  constructor(
    message: string,
    readonly isLasting: boolean,
    readonly retryAfterMs?: number,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
