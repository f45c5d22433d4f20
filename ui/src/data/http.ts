/** Questions and orders to control's HTTP API. Every failure is an `ApiError` that says what was being done. */
export class ApiError extends Error {
  constructor(
    readonly doing: string,
    /** HTTP status; 0 where no answer came. */
    readonly status: number,
    detail: string,
    options?: ErrorOptions,
  ) {
    super(`${doing}: ${detail}`, options);
    this.name = "ApiError";
  }

  /** Whether control was not there at all, as against an answer that says no. */
  get isUnreachable(): boolean {
    return this.status === 0 || this.status >= 502;
  }
}

export async function fetchJson<T>(doing: string, path: string, signal: AbortSignal): Promise<T> {
  return (await (await answerOf(doing, path, { signal })).json()) as T;
}

/** Something that changes what control holds. */
export interface Order {
  readonly method: "POST" | "DELETE";
  readonly path: string;
  readonly body?: unknown;
}

/** @returns the answer, whose body is not read yet */
export function send(doing: string, { method, path, body }: Order, signal?: AbortSignal): Promise<Response> {
  return answerOf(doing, path, {
    method,
    ...(signal ? { signal } : {}),
    ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
  });
}

async function answerOf(doing: string, path: string, options: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(path, { ...options, headers: { accept: "application/json", ...options.headers } });
  } catch (cause) {
    throw new ApiError(doing, 0, "control did not answer", { cause });
  }
  if (!response.ok) throw new ApiError(doing, response.status, await errorMessage(response));
  return response;
}

async function errorMessage(response: Response): Promise<string> {
  try {
    const body = (await response.json()) as { error?: { message?: string } };
    if (body.error?.message) return body.error.message;
  } catch {
    // Not an answer of control's own, for example a proxy's page; the status says enough.
  }
  return `control answered ${response.status}`;
}
