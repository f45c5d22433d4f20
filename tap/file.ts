/** Reads a capture from its beginning to its end, and says what is wrong with it in words. */
import type { DocumentSums } from "./document.ts";
import { linkTypeName } from "./link-types.ts";
import { NotACaptureError, ParserFailedError, TapModule, compileTap } from "./module.ts";
import { readCapture } from "./read.ts";

/** The capture cannot be read; the message says why. */
export class CaptureError extends Error {
  override name = "CaptureError";
}

/** What the system says of a file that cannot be opened. */
const SYSTEM: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  EISDIR: "it is a folder",
  EACCES: "it may not be read",
  EPERM: "it may not be read",
};

/**
 * Adds up what a capture holds; "-" is stdin.
 *
 * @returns warnings, a sentence each: where it breaks off (what comes before that is counted), and of which kinds of network nothing is read
 */
export async function readFileInto(file: string, sums: DocumentSums): Promise<readonly string[]> {
  const name = file === "-" ? "What came on stdin" : file;
  const tap = new TapModule(await compileTap(), (batch) => sums.add(batch));
  let breaksOff: string | undefined;
  try {
    await readCapture(file, tap);
  } catch (cause) {
    if (!isCutGzip(cause)) throw explained(name, cause);
    breaksOff = `${name} breaks off within its compressed data; what comes before that is counted`;
  }
  try {
    const isWhole = tap.finish();
    if (!isWhole) breaksOff ??= `${name} breaks off within a record; what comes before that is counted`;
    sums.addStrangeLinks(tap.strangeLinks);
    return [breaksOff, strangeLinksOf(name, tap)].filter((warning) => warning !== undefined);
  } catch (cause) {
    throw explained(name, cause);
  }
}

function strangeLinksOf(name: string, { strangeLinks }: TapModule): string | undefined {
  if (strangeLinks.size === 0) return undefined;
  const types = [...strangeLinks].map(([type, packets]) => `${linkTypeName(type)}: ${packets}`).join(", ");
  return `${name} has packets of link layers that are not known, and are not read (${types})`;
}

function explained(name: string, cause: unknown): unknown {
  if (cause instanceof NotACaptureError) {
    return new CaptureError(`${name} is no capture: ${lowerFirst(cause.message)}`, { cause });
  }
  if (cause instanceof ParserFailedError) {
    return new CaptureError(`${name} cannot be read further: ${lowerFirst(cause.message)}`, { cause });
  }
  const code = codeOf(cause);
  if (code?.startsWith("Z_")) return new CaptureError(`${name} begins like gzip, but cannot be unpacked`, { cause });
  if (code && SYSTEM[code]) return new CaptureError(`${name} cannot be read: ${SYSTEM[code]}`, { cause });
  return cause;
}

function isCutGzip(error: unknown): boolean {
  return codeOf(error) === "Z_BUF_ERROR";
}

function codeOf(error: unknown): string | undefined {
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
  return typeof code === "string" ? code : undefined;
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
