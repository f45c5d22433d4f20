import { barePath, barePathAt } from "./bare-path";
import { MAX_REQUEST_ID } from "./limits";
import { lower } from "./text";
import { closeMessage, openMessage, writeBytes, writeNumber } from "./writer";

/**
 * A request by name, as an operator looks for it in logs and traces. Exemplars and taps keep their own tables of them.
 *
 *     0     the numbers below
 *     32    path, up to MAX_STRING bytes
 *     288   request id, up to MAX_REQUEST_ID
 *     352   trace id, 16 or 32 hexadecimal digits
 */
@unmanaged
export class Named {
  /** When it ended, milliseconds. */
  atMillis: u64;
  /** Envoy's response flags. */
  flags: u64;
  micros: u32;
  /** The counter that counted it. */
  counter: u16;
  /** For the table that it is kept in. */
  link: u16;
  /** Reason. */
  reason: u8;
  pathSize: u8;
  requestIdSize: u8;
  traceIdSize: u8;
}
export const NAMED_BYTES: usize = 384;
const PATH: usize = 32;
const REQUEST_ID: usize = 288;
const TRACE_ID: usize = 352;

/** ExemplarReason in ingest.proto. */
export namespace Reason {
  export const SLOWEST: u8 = 1;
  export const FAILED: u8 = 2;
  export const TAPPED: u8 = 3;
}

/** The most bytes that `writeNamed` writes. */
export const EXEMPLAR_BYTES: u32 = 400;

/** What control can read exactly: integers of a double. */
const MAX_FLAGS: u64 = 0x1fffffffffffff;

/** Sets the path of a request target, without its query (bare-path.ts). */
export function setPath(named: Named, at: usize, size: u32): void {
  const length = barePath(at, size);
  memory.copy(changetype<usize>(named) + PATH, barePathAt(), length);
  named.pathSize = <u8>length;
}

/** Sets the request id; one that is too long, or has other than visible ASCII in it, is none. */
export function setRequestId(named: Named, at: usize, size: u32): void {
  named.requestIdSize = 0;
  if (size > MAX_REQUEST_ID) return;
  for (let i: u32 = 0; i < size; i++) if (<u32>load<u8>(at + i) - 0x21 > 0x5d) return;
  memory.copy(changetype<usize>(named) + REQUEST_ID, at, size);
  named.requestIdSize = <u8>size;
}

/** Sets the trace id, which is made lower case: 0, 16 or 32 hexadecimal digits. */
export function setTraceId(named: Named, at: usize, digits: u32): void {
  for (let i: u32 = 0; i < digits; i++) {
    store<u8>(changetype<usize>(named) + TRACE_ID + i, <u8>lower(load<u8>(at + i)));
  }
  named.traceIdSize = <u8>digits;
}

/** Writes it as an Exemplar of the batch's counter with this index. */
export function writeNamed(field: u32, named: Named, counterIndex: u32): void {
  const base = changetype<usize>(named);
  const message = openMessage(field);
  writeNumber(1, counterIndex);
  writeNumber(2, named.reason);
  writeNumber(3, <u32>(named.atMillis / 1000));
  writeNumber(4, named.atMillis % 1000);
  writeBytes(5, base + PATH, named.pathSize);
  writeNumber(6, named.micros);
  writeNumber(7, named.flags & MAX_FLAGS);
  writeBytes(8, base + REQUEST_ID, named.requestIdSize);
  writeBytes(9, base + TRACE_ID, named.traceIdSize);
  closeMessage(message);
}
