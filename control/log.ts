import { pino } from "pino";
import type { Logger } from "pino";
import type { LogLevel } from "./config.ts";

export type Log = Logger;

/** NDJSON on standard output, one object a line. Errors are written with their causes. */
export function createLog(level: LogLevel): Log {
  return pino({
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    serializers: { err: pino.stdSerializers.errWithCause },
  });
}
