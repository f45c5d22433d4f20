/** Options that say of which moment and of which part of the world a command tells. */
import { type Command, InvalidArgumentError, Option } from "commander";
import { attribute, filter, grouping } from "../../client/index.ts";
import type { Filter } from "../../client/index.ts";
import { parseTime } from "./command.ts";

/** Options of a question about one window. */
export interface WindowOptions {
  readonly at?: Date;
  /** Seconds. */
  readonly since?: number;
  readonly filter: readonly Filter[];
}

/** The window that an answer is about; nothing, where it is the last one. */
export interface AskedWindow {
  readonly at?: Date;
  readonly window?: { readonly seconds: number; readonly nanos: number };
}

const SINCE = { units: ["s", "m", "h", "d"], words: "90s, 15m, 24h or 7d" };
/** What reporters say of a second is there within the two after it. */
const ARRIVAL_MS = 2_000;

export function addWindow(command: Command): Command {
  return addFilter(addAt(command)).addOption(
    new Option("--since <time>", "over so long, such as 90s, 2h or 7d; 30s where left out").argParser(parseTime(SINCE)),
  );
}

export function addAt(command: Command): Command {
  return command.addOption(
    new Option("--at <time>", "as it was then: 03:14, 2026-03-01T03:14Z, or 2h for two hours ago").argParser(
      parseInstant,
    ),
  );
}

/** How far back a range begins. */
export function addSince(command: Command, byDefault: { readonly seconds: number; readonly text: string }): Command {
  return command.addOption(
    new Option("--since <time>", "how far back, such as 90s, 2h or 7d")
      .argParser(parseTime(SINCE))
      .default(byDefault.seconds, byDefault.text),
  );
}

export function addFilter(command: Command): Command {
  return command.addOption(
    new Option("-f, --filter <filter>", "only what matches, such as namespace=shop or route!~^/health; all must hold")
      .argParser((text, before: readonly Filter[]) => [...before, read(filter, text)])
      .default([], "none"),
  );
}

/** The window that the options ask of, on this machine's clock. */
export function windowOf({ at, since }: WindowOptions): AskedWindow {
  if (at === undefined && since === undefined) return {};
  const end = at ?? new Date(Date.now() - ARRIVAL_MS);
  return { at: end, ...(since === undefined ? {} : { window: { seconds: Math.max(1, Math.round(since)), nanos: 0 } }) };
}

export const readGrouping = (text: string) => read(grouping, text);
export const readAttribute = (text: string) => read(attribute, text);

/** A moment as people name it. The time of a day is the last one that there was. */
export function parseInstant(text: string): Date {
  if (/^\d+[smhd]$/.test(text)) return new Date(Date.now() - parseTime(SINCE)(text) * 1_000);
  const isDate = /^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?$/.test(text);
  const at = isDate ? new Date(text.replace(" ", "T")) : lastTimeOfDay(text);
  if (at !== undefined && !Number.isNaN(at.getTime())) return at;
  throw new InvalidArgumentError("It looks like 03:14, 2026-03-01T03:14Z, or 2h for two hours ago.");
}

function lastTimeOfDay(text: string): Date | undefined {
  const [, hours, minutes, seconds = "0"] = /^([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?$/.exec(text) ?? [];
  if (hours === undefined || minutes === undefined) return undefined;
  const at = new Date();
  at.setHours(Number(hours), Number(minutes), Number(seconds), 0);
  if (at.getTime() > Date.now()) at.setDate(at.getDate() - 1);
  return at;
}

function read<Value>(parse: (text: string) => Value, text: string): Value {
  try {
    return parse(text);
  } catch (error) {
    throw new InvalidArgumentError(`${(error as Error).message}.`);
  }
}
