import { Named, setPath, setRequestId, setTraceId } from "../core/named";
import { text } from "../core/text";
import { isTraceparent, sizeOfB3, sizeOfB3TraceId } from "../core/trace-id";
import { answerAt, answerSize } from "./answers";
import { nowMillis } from "./clock";
import { path, readHeader } from "./headers";

const REQUEST_ID = text("x-request-id");
const TRACEPARENT = text("traceparent");
const B3_TRACE_ID = text("x-b3-traceid");
const B3 = text("b3");

/** Writes down the name of the current request: three to five host calls. */
export function nameRequest(named: Named, micros: u32, flags: u64): void {
  named.atMillis = nowMillis();
  named.micros = micros;
  named.flags = flags;
  setPath(named, path.at, path.size);
  if (readHeader(REQUEST_ID)) setRequestId(named, answerAt(), answerSize());
  else named.requestIdSize = 0;
  nameTrace(named);
}

function nameTrace(named: Named): void {
  if (readHeader(TRACEPARENT) && isTraceparent(answerAt(), answerSize())) return setTraceId(named, answerAt() + 3, 32);
  let digits = readHeader(B3_TRACE_ID) ? sizeOfB3TraceId(answerAt(), answerSize()) : 0;
  if (!digits) digits = readHeader(B3) ? sizeOfB3(answerAt(), answerSize()) : 0;
  setTraceId(named, answerAt(), digits);
}
