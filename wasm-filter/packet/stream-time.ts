/** When the bytes were seen that a parser is looking at. Microseconds since 1970. */
export let streamMicros: u64 = 0;

export function setStreamTime(micros: u64): void {
  streamMicros = micros;
}
