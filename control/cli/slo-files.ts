/** Objects in files, as `sidelight slo` reads them. */
import { readFile, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { ALERTING_KINDS } from "../alerts/objects/defaults.ts";
import type { ConfigObject } from "../alerts/objects/object.ts";
import type { Problem } from "../alerts/objects/problem.ts";
import { readObjects, withoutTwins } from "../alerts/objects/read-objects.ts";
import { NOTIFY_KINDS } from "../notify/object-kinds.ts";
import { CliError } from "./cli-error.ts";

const KINDS = new Map([...ALERTING_KINDS, ...NOTIFY_KINDS]);

/** What files hold, and what is wrong in them. */
export interface FileReading {
  readonly files: number;
  readonly objects: readonly ConfigObject[];
  readonly problems: readonly Problem[];
  /** Problems that are not among them, for there are too many. */
  readonly problemsCut: number;
}

/** A file with its text. */
export interface TextFile {
  readonly name: string;
  readonly text: string;
}

/** @throws CliError where a file cannot be read */
export async function readFiles(paths: readonly string[]): Promise<readonly TextFile[]> {
  const names = (await Promise.all(paths.map(filesOf))).flat();
  return Promise.all(names.map(async (name) => ({ name: name === "-" ? "stdin" : name, text: await textOf(name) })));
}

/** The files as one text, and which line of which file one of its lines is. */
export function asOneText(files: readonly TextFile[]): {
  readonly text: string;
  readonly placeOf: (line: number) => string;
} {
  const starts: { readonly name: string; readonly linesBefore: number }[] = [];
  let linesBefore = 0;
  for (const { name, text } of files) {
    starts.push({ name, linesBefore });
    linesBefore += text.split("\n").length + 1;
  }
  const placeOf = (line: number): string => {
    const start = starts.findLast((each) => each.linesBefore < line);
    return start ? `${start.name}:${line - start.linesBefore}` : `${line}`;
  };
  return { text: files.map(({ text }) => text).join("\n---\n"), placeOf };
}

/** Checks files together: no two objects of them may share a name. */
export function checkFiles(files: readonly TextFile[]): FileReading {
  const readings = files.map(({ name, text }) => readObjects(text, KINDS, { file: name }));
  const { unique, twins } = withoutTwins(
    readings.flatMap(({ objects }) => objects),
    KINDS,
  );
  return {
    files: files.length,
    objects: unique,
    problems: [...readings.flatMap(({ problems }) => problems), ...twins.flatMap(({ problems }) => problems)],
    problemsCut: readings.reduce((sum, { problemsCut }) => sum + problemsCut, 0),
  };
}

/** Of a folder those that control would read of it. */
async function filesOf(path: string): Promise<string[]> {
  if (path === "-") return ["-"];
  try {
    if (!(await stat(path)).isDirectory()) return [path];
    const names = (await readdir(path)).filter((name) => /^[^.].*\.ya?ml$/.test(name)).sort();
    return names.map((name) => join(path, name));
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

async function textOf(path: string): Promise<string> {
  if (path !== "-") return readFile(path, "utf8").catch((cause: unknown) => Promise.reject(unreadable(path, cause)));
  const pieces: Buffer[] = [];
  for await (const piece of process.stdin) pieces.push(piece as Buffer);
  return Buffer.concat(pieces).toString("utf8");
}

function unreadable(path: string, cause: unknown): CliError {
  return new CliError("refused", `Reading ${path}: ${(cause as Error).message}`, { cause });
}
