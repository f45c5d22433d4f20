/** What the commands have in common. */
import { type Command, InvalidArgumentError, Option } from "commander";
import { SidelightClient, SidelightError } from "../../client/index.ts";
import { explain } from "./explain.ts";

const DEFAULT_SERVER = "127.0.0.1:9400";

/** Adds the option that says where control is. */
export function addServer(command: Command): Command {
  return command.addOption(
    new Option("-s, --server <host:port>", "control's gRPC address").env("SIDELIGHT_SERVER").default(DEFAULT_SERVER),
  );
}

/** @throws CliError that says what was asked of whom and what to do */
export async function withClient(address: string, use: (client: SidelightClient) => Promise<void>): Promise<void> {
  let client: SidelightClient | undefined;
  try {
    client = new SidelightClient(address);
    await use(client);
  } catch (error) {
    throw error instanceof SidelightError ? explain(error) : error;
  } finally {
    client?.close();
  }
}

/** Aborted by Ctrl-C or SIGTERM, so that a watch ends as something that was finished and not as something that broke. */
export function untilInterrupted(): AbortSignal {
  const interrupted = new AbortController();
  process.once("SIGINT", () => interrupted.abort());
  process.once("SIGTERM", () => interrupted.abort());
  return interrupted.signal;
}

export interface NumberRange {
  readonly least: number;
  readonly most?: number;
  readonly whole: boolean;
}

/** Reads the number of an option. */
export function parseNumber({ least, most = Infinity, whole }: NumberRange): (text: string) => number {
  return (text) => {
    const value = Number(text);
    const isNumber = text.trim() !== "" && Number.isFinite(value) && (!whole || Number.isInteger(value));
    if (isNumber && value >= least && value <= most) return value;
    const range = most === Infinity ? `from ${least}` : `from ${least} to ${most}`;
    throw new InvalidArgumentError(`It is a ${whole ? "whole number" : "number"} ${range}.`);
  };
}

const SECONDS: Readonly<Record<string, number>> = { ms: 0.001, s: 1, m: 60, h: 3_600, d: 86_400 };

export interface TimeForm {
  readonly units: readonly string[];
  /** Seconds. */
  readonly most?: number;
  /** What it looks like, and what is allowed: "90s, 15m, 24h or 7d". */
  readonly words: string;
}

/** Reads the time of an option, such as "15m". @returns seconds */
export function parseTime({ units, most = Infinity, words }: TimeForm): (text: string) => number {
  return (text) => {
    const [, digits = "", unit = ""] = /^(\d{1,6})(ms|[smhd])$/.exec(text) ?? [];
    const seconds = units.includes(unit) ? Number(digits) * (SECONDS[unit] ?? 0) : 0;
    if (seconds > 0 && seconds <= most) return seconds;
    throw new InvalidArgumentError(`It looks like ${words}.`);
  };
}
