import type { ApiServer } from "./api-server.ts";

const IDLE_MS = 10_000;
/** A cluster is updated while control runs, so it is asked for again. */
const ASK_INTERVAL_MS = 600_000;
const RETRY_MS = 15_000;

/** The version of the API server, which everybody who is signed in may read. */
export class ServerVersion {
  readonly #api: ApiServer;
  readonly #stopping = new AbortController();
  #text: string | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(api: ApiServer) {
    this.#api = api;
    void this.#ask();
  }

  /** "v1.33.4"; undefined until it was told, or where it is not. */
  get text(): string | undefined {
    return this.#text;
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#stopping.abort();
  }

  async #ask(): Promise<void> {
    const { signal } = this.#stopping;
    let nextMs = ASK_INTERVAL_MS;
    try {
      const asked = { path: "/version", accept: "application/json", idleMs: IDLE_MS, signal };
      const { gitVersion } = (await this.#api.ask(asked)) as { readonly gitVersion?: unknown };
      if (typeof gitVersion === "string") this.#text = gitVersion;
    } catch {
      // That the server is away is told by what follows it; what it said last holds meanwhile.
      nextMs = RETRY_MS;
    }
    if (!signal.aborted) this.#timer = setTimeout(() => void this.#ask(), nextMs).unref();
  }
}
