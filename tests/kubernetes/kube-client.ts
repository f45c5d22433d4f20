import { request } from "node:https";

/** An answer of the API server that is no success. */
export class KubeError extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

/** A few calls of the API with a token; bodies are plain objects. */
export class KubeClient {
  readonly #url: string;
  readonly #ca: () => string;
  readonly #token: string;

  constructor(url: string, ca: () => string, token: string) {
    this.#url = url;
    this.#ca = ca;
    this.#token = token;
  }

  async get<T = unknown>(path: string): Promise<T> {
    return (await this.#ask("GET", path)) as T;
  }

  async create<T = unknown>(path: string, body: object): Promise<T> {
    return (await this.#ask("POST", path, { body })) as T;
  }

  /** A merge patch. */
  async patch<T = unknown>(path: string, body: object): Promise<T> {
    return (await this.#ask("PATCH", path, { body, type: "application/merge-patch+json" })) as T;
  }

  /** At once: with no time to end in order. */
  async remove(path: string): Promise<void> {
    await this.#ask("DELETE", path, { body: { gracePeriodSeconds: 0, propagationPolicy: "Background" } });
  }

  /** The text of an answer that is no JSON. */
  async text(path: string): Promise<string> {
    return await this.#send("GET", path);
  }

  async #ask(method: string, path: string, sent?: { readonly body: object; readonly type?: string }): Promise<unknown> {
    return JSON.parse(await this.#send(method, path, sent)) as unknown;
  }

  #send(method: string, path: string, sent?: { readonly body: object; readonly type?: string }): Promise<string> {
    const body = sent && JSON.stringify(sent.body);
    const headers = {
      Authorization: `Bearer ${this.#token}`,
      Accept: "application/json",
      ...(sent && { "Content-Type": sent.type ?? "application/json" }),
      // Node sends a DELETE's body without saying how long it is.
      ...(body !== undefined && { "Content-Length": Buffer.byteLength(body) }),
    };
    return new Promise((resolve, reject) => {
      const outgoing = request(this.#url + path, { method, headers, ca: this.#ca(), timeout: 30_000 }, (answer) => {
        const chunks: Buffer[] = [];
        answer.on("error", reject);
        answer.on("data", (chunk: Buffer) => chunks.push(chunk));
        answer.on("end", () => {
          const text = Buffer.concat(chunks).toString("utf8");
          const status = answer.statusCode ?? 0;
          if (status < 300) resolve(text);
          else reject(new KubeError(status, `${method} ${path}: ${status} ${text.slice(0, 500)}`));
        });
      });
      outgoing.on("error", reject);
      outgoing.on("timeout", () => outgoing.destroy(new Error(`${method} ${path}: no answer`)));
      outgoing.end(body);
    });
  }
}
