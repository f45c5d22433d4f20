/** A question that a store cannot answer as it was asked. The one who asks can mend it; `field` says what. */
export class StoreInputError extends Error {
  override readonly name = "StoreInputError";
  readonly field: string;

  constructor(field: string, message: string) {
    super(message);
    this.field = field;
  }
}

/**
 * Why a store cannot be opened.
 * - `foreign`: what lies at its place is something else, or is damaged from its first bytes on.
 * - `newer`: a later version of Sidelight wrote it.
 * - `unusable`: the engine refused it; the cause says why (held by another process, damaged, no permission).
 */
export type StoreOpenReason = "foreign" | "newer" | "unusable";

/** A store that cannot be opened. Nothing was changed. */
export class StoreOpenError extends Error {
  override readonly name = "StoreOpenError";
  readonly reason: StoreOpenReason;

  constructor(reason: StoreOpenReason, message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}

/**
 * The engine is a server, and it does not do what it was asked: it cannot be reached, is overloaded, or refuses the
 * token. What was to be written waits; what was asked can be asked again later.
 */
export class StoreAwayError extends Error {}
