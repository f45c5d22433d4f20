/** When the bytes were seen that a parser is looking at. Microseconds since 1970. */
export let streamMicros: u64 = 0;

/** When the bytes were seen that are on their way to a parser: with the packet that completed them. */
export let arrivalMicros: u64 = 0;

export function setArrival(micros: u64): void {
  arrivalMicros = micros;
}

export function setStreamTime(micros: u64): void {
  streamMicros = micros;
}
