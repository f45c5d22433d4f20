/** What a kind of receiver is. */
import type { z } from "zod";
import type { Notifier } from "./notification.ts";
import type { SecretSource } from "./secret.ts";
import type { Say } from "./speech.ts";

/** What notifiers are given beside their settings. */
export interface NotifierContext {
  readonly secrets: SecretSource;
  /** Milliseconds since the epoch. */
  readonly nowMs: () => number;
  /** The words of this receiver. */
  readonly say: Say;
}

export interface Kind<Settings> {
  /** Of the part of a receiver's spec that is named as the kind is. */
  readonly settings: z.ZodType<Settings>;
  /** Notifications a minute where the receiver says nothing else. */
  readonly maxPerMinute: number;
  readonly make: (settings: Settings, context: NotifierContext) => Notifier;
}

/** For what people read. */
export const READABLE_PER_MINUTE = 30;
