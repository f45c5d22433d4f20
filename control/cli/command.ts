/** What the commands have in common. */
import { type Command, InvalidArgumentError, Option } from "commander";
import { ControlClient } from "./client.ts";

const DEFAULT_SERVER = "127.0.0.1:9400";

/** Adds the option that says where control is. */
export function addServer(command: Command): Command {
  return command.addOption(
    new Option("-s, --server <host:port>", "control's gRPC address").env("SIDELIGHT_SERVER").default(DEFAULT_SERVER),
  );
}

export async function withClient(address: string, use: (client: ControlClient) => Promise<void>): Promise<void> {
  const client = new ControlClient(address);
  try {
    await use(client);
  } finally {
    client.close();
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
