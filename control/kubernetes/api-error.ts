/** The API server answered with a Status in place of what it was asked for. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  /** The HTTP status, which is the code of the Status too. */
  readonly status: number;
  readonly reason: string;

  constructor(status: number, reason: string, message: string) {
    super(message || reason || `HTTP ${status}`);
    this.status = status;
    this.reason = reason;
  }

  /** What was to be continued is too old: the resource has to be listed anew. */
  get isGone(): boolean {
    return this.status === 410;
  }

  /** Waiting alone mends nothing: somebody has to change a role, a token or the cluster. */
  get needsSomebody(): boolean {
    return [401, 403, 404, 405].includes(this.status);
  }
}

/** The Status in a body, as far as it is one. */
export function apiErrorOf(status: number, body: string): ApiError {
  try {
    const { reason, message } = JSON.parse(body) as { readonly reason?: unknown; readonly message?: unknown };
    return new ApiError(status, typeof reason === "string" ? reason : "", typeof message === "string" ? message : "");
  } catch {
    // A proxy in between speaks no JSON.
    return new ApiError(status, "", body.slice(0, 200).trim());
  }
}
