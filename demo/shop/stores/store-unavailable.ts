/** Thrown where a store is needed that cannot be reached at the moment. */
export class StoreUnavailableError extends Error {
  override readonly name = "StoreUnavailableError";
}
