import { Outcome, Protocol, counterNumber, countOne, countTimed, kindOf } from "../core/counters";
import { endpointNumber } from "../core/endpoints";
import { isExemplary, placeFor } from "../core/exemplars";
import { Loss, lose, lossesEver } from "../core/losses";
import { rpcTemplate, template, templateAt, templateIsKnown } from "../core/routes/template";
import { LAST_RPC_STATUS, RPC_UNKNOWN } from "../core/rpc";
import { recallEndpoint, rememberEndpoint } from "../core/seen-paths";
import { CONNECT, EMPTY, OTHER, intern, methodNumber } from "../core/strings";
import { hasTaps } from "../core/taps";
import { startsWithIgnoringCase, text } from "../core/text";
import { Attribute, numberAttribute } from "./attributes";
import { placeStream, streamPeer, streamSide } from "./downstream";
import { contentType, method, path } from "./headers";
import { nameRequest } from "./named";
import { grpcOutcome, httpNeedsFlags, httpOutcome } from "./outcome";
import { scopeOfPeer } from "./peer";
import { Root } from "./roots";
import { placeForTaps } from "./tapping";

const GRPC = text("application/grpc");
const UNREAD: u64 = u64.MAX_VALUE;

/** Whether something essential of the current request could not be had: it is counted with what there was. */
let isIncomplete: bool = false;
/** Its response flags, UNREAD before somebody asks. */
let responseFlags: u64 = UNREAD;

/**
 * Counts the current stream as one HTTP request or RPC. To be called after readRequestHeaders. `logger` is the root context of
 * an access logger.
 */
export function countRequest(logger: Root | null): void {
  isIncomplete = false;
  responseFlags = UNREAD;
  placeStream(logger);
  const isRpc = startsWithIgnoringCase(contentType.at, contentType.size, GRPC);
  const status = isRpc ? grpcStatus() : httpStatus();
  const outcome = isRpc ? rpcOutcome(status) : requestOutcome(status);
  const methodName = isRpc ? EMPTY : readMethod();
  const endpoint = endpointOf(methodName, isRpc);
  const protocol = isRpc ? Protocol.GRPC : Protocol.HTTP;
  const counter = counterNumber(kindOf(streamSide(), protocol, outcome), streamPeer(), endpoint, status);
  const nanos = numberAttribute(Attribute.REQUEST_DURATION, -1);
  const micros = <u32>min<i64>(max<i64>(nanos, 0) / 1000, u32.MAX_VALUE);
  if (nanos < 0) {
    isIncomplete = true;
    countOne(counter);
  } else {
    countTimed(counter, micros);
  }
  if (isExemplary(counter, outcome >= Outcome.SERVER_ERROR, micros)) keepByName(counter, outcome, micros);
  if (hasTaps()) showToTaps(counter, micros);
  if (isIncomplete) lose(Loss.ATTRIBUTES_MISSING);
}

function keepByName(counter: u32, outcome: u32, micros: u32): void {
  const place = placeFor(counter, outcome >= Outcome.SERVER_ERROR, micros);
  if (place) nameRequest(place, micros, flags());
}

function showToTaps(counter: u32, micros: u32): void {
  const place = placeForTaps(counter, micros);
  if (place) nameRequest(place, micros, flags());
}

/** 0 where there was no answer. */
function httpStatus(): u32 {
  const status = numberAttribute(Attribute.RESPONSE_CODE, 0);
  if (status >= 0 && status < 1000) return <u32>status;
  isIncomplete = true;
  return 0;
}

/** Envoy finds it in the trailers, in the headers of an answer without a body, or makes it of the HTTP status. */
function grpcStatus(): u32 {
  const status = numberAttribute(Attribute.GRPC_STATUS, RPC_UNKNOWN);
  return status >= 0 && status <= <i64>LAST_RPC_STATUS ? <u32>status : RPC_UNKNOWN;
}

function requestOutcome(status: u32): u32 {
  return httpOutcome(status, httpNeedsFlags(status) ? flags() : 0);
}

function rpcOutcome(status: u32): u32 {
  return grpcOutcome(status, status ? flags() : 0);
}

function flags(): u64 {
  if (responseFlags == UNREAD) responseFlags = numberAttribute(Attribute.RESPONSE_FLAGS, 0);
  return responseFlags;
}

function readMethod(): u32 {
  if (!method.size) isIncomplete = true;
  return methodNumber(method.at, method.size);
}

function endpointOf(methodName: u32, isRpc: bool): u32 {
  const scope = scopeOfPeer();
  const seen = recallEndpoint(scope, methodName, path.at, path.size);
  if (seen >= 0) return seen;
  const before = lossesEver();
  const route = routeOf(methodName, isRpc);
  const endpoint = endpointNumber(scope, methodName, route, path.size != 0 && templateIsKnown());
  if (lossesEver() == before) rememberEndpoint(scope, methodName, path.at, path.size, endpoint);
  return endpoint;
}

function routeOf(methodName: u32, isRpc: bool): u32 {
  if (!path.size) {
    if (methodName == CONNECT) return EMPTY;
    isIncomplete = true;
    return OTHER;
  }
  const scope = scopeOfPeer();
  const size = isRpc ? rpcTemplate(path.at, path.size, scope) : template(path.at, path.size, methodName, scope);
  const number = intern(templateAt(), size);
  if (number >= 0) return number;
  lose(Loss.ENDPOINTS_FULL);
  return OTHER;
}
