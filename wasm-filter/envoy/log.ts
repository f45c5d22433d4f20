import { Text, bytesOf, sizeOf, text } from "../core/text";
import { proxy_log } from "./env";
import { LogLevel } from "./host";

/**
 * Lines in Envoy's log, put together in place: startLine, parts, warn. What does not fit is left out. Never for a
 * request: Envoy writes its log where it stands.
 */
const LINE_BYTES: u32 = 320;
const line = memory.data(320, 8);
let size: u32 = 0;

const PREFIX = text("sidelight: ");

export function startLine(): void {
  size = 0;
  addText(PREFIX);
}

export function addText(value: Text): void {
  addBytes(bytesOf(value), sizeOf(value));
}

/** Appends bytes as they are; those of others have to be cleaned before. */
export function addBytes(at: usize, length: u32): void {
  const fitting = min(length, LINE_BYTES - size);
  memory.copy(line + size, at, fitting);
  size += fitting;
}

export function addNumber(value: u32): void {
  if (value > 9) addNumber(value / 10);
  if (size < LINE_BYTES) store<u8>(line + size++, <u8>(48 + (value % 10)));
}

/** Writes the line as a warning. */
export function warn(): void {
  proxy_log(LogLevel.WARNING, line, size);
}
