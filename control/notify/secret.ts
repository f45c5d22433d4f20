/** Secrets of receivers: written beside the other settings, or where they lie. They are read at each use and never told. */
import { readFileSync } from "node:fs";
import { z } from "zod";
import { NotifyError } from "./notification.ts";

const MAX_LENGTH = 4_096;
const HIDDEN = "(hidden)";

/** Where secrets that are not written out are read. */
export interface SecretSource {
  /** @throws Error where it cannot be read */
  file(path: string): string;
  /** Undefined where it is not set. */
  variable(name: string): string | undefined;
}

export function secretsOf(env: NodeJS.ProcessEnv): SecretSource {
  return { file: (path) => readFileSync(path, "utf8"), variable: (name) => env[name] };
}

type Where = { readonly text: string } | { readonly fromFile: string } | { readonly fromEnv: string };

/** A secret, or where it lies. Whatever prints or serialises it gets the place alone. */
export class Secret {
  readonly #where: Where;

  constructor(where: Where) {
    this.#where = where;
  }

  /**
   * The secret as it is now, since one that is mounted may be renewed.
   * @throws NotifyError
   */
  read(source: SecretSource): string {
    const text = this.#found(source).trim();
    if (text !== "" && text.length <= MAX_LENGTH) return text;
    throw new NotifyError(
      `The secret in ${this.#place()} is ${text === "" ? "empty" : "too long"}; it must have 1 to ${MAX_LENGTH} characters`,
      "settings",
    );
  }

  /** The text, where it is written out. */
  get written(): string | undefined {
    return "text" in this.#where ? this.#where.text : undefined;
  }

  toJSON(): unknown {
    return "text" in this.#where ? HIDDEN : this.#where;
  }

  toString(): string {
    return HIDDEN;
  }

  #found(source: SecretSource): string {
    const where = this.#where;
    if ("text" in where) return where.text;
    if ("fromEnv" in where) {
      const value = source.variable(where.fromEnv);
      if (value !== undefined) return value;
      throw new NotifyError(`The environment variable ${where.fromEnv}, which holds a secret, is not set`, "settings");
    }
    try {
      return source.file(where.fromFile);
    } catch (cause) {
      const why = (cause as NodeJS.ErrnoException).code ?? "it cannot be read";
      throw new NotifyError(`Reading the secret in the file ${where.fromFile}: ${why}`, "settings", { cause });
    }
  }

  #place(): string {
    if ("fromFile" in this.#where) return `the file ${this.#where.fromFile}`;
    return "fromEnv" in this.#where ? `the variable ${this.#where.fromEnv}` : "the settings";
  }
}

const FORM = "must be a text of 1 to 4096 characters, { fromFile: PATH } or { fromEnv: NAME }";

/** A secret in the settings of a receiver. */
export const secret = z
  .union(
    [
      z.string().min(1).max(MAX_LENGTH),
      z.strictObject({ fromFile: z.string().min(1).max(MAX_LENGTH) }),
      z.strictObject({ fromEnv: z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/) }),
    ],
    { error: FORM },
  )
  .transform((given) => new Secret(typeof given === "string" ? { text: given } : given));

const URL_FORM = "must be an http or https address without user and password";

/** An address that is a secret itself, since whoever has it may write. */
export const secretUrl = secret.refine((given) => given.written === undefined || isHttpUrl(given.written), {
  error: URL_FORM,
});

/** Reads an address of `secretUrl`. @throws NotifyError */
export function readUrl(url: Secret, source: SecretSource): string {
  const text = url.read(source);
  if (isHttpUrl(text)) return text;
  throw new NotifyError(`The address of the receiver ${URL_FORM}`, "settings");
}

/** An address that may be shown. */
export const plainUrl = z.string().max(MAX_LENGTH).refine(isHttpUrl, { error: URL_FORM });

function isHttpUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password } = new URL(text);
  return /^https?:$/.test(protocol) && username + password === "";
}
