import { Named, setPath, setRequestId, setTraceId } from "../core/named";
import { text } from "../core/text";
import { isTraceparent, sizeOfB3, sizeOfB3TraceId } from "../core/trace-id";
import { nowMillis } from "./clock";
import { findHeader, foundHeader, path } from "./headers";

const REQUEST_ID = text("x-request-id");
const TRACEPARENT = text("traceparent");
const B3_TRACE_ID = text("x-b3-traceid");
const B3 = text("b3");

/** Writes down the name of the current request. Its headers are at hand where the host gave them all. */
export function nameRequest(named: Named, micros: u32, flags: u64): void {
  named.atMillis = nowMillis();
  named.micros = micros;
  named.flags = flags;
  setPath(named, path.at, path.size);
  if (findHeader(REQUEST_ID)) setRequestId(named, foundHeader.at, foundHeader.size);
  else named.requestIdSize = 0;
  nameTrace(named);
}

function nameTrace(named: Named): void {
  const header = foundHeader;
  if (findHeader(TRACEPARENT) && isTraceparent(header.at, header.size)) return setTraceId(named, header.at + 3, 32);
  let digits = findHeader(B3_TRACE_ID) ? sizeOfB3TraceId(header.at, header.size) : 0;
  if (!digits) digits = findHeader(B3) ? sizeOfB3(header.at, header.size) : 0;
  setTraceId(named, header.at, digits);
}
