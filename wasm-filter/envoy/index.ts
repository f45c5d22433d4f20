/**
 * The filter's exports: what Envoy calls. A callback that is not exported costs nothing, so of those that come with
 * every request there are two: proxy_on_log, where it is counted, and proxy_on_done, which Envoy also calls for root
 * contexts, the only sign that one is to go.
 */
import { answerAt, answerSize, forgetAnswers, isAnswered, replyAddress, replySize } from "./answers";
import { nowMillis } from "./clock";
import { configure } from "./config";
import { takeResponse } from "./control";
import { isStream, send, streamEnded, streamOwner } from "./delivery";
import { prepareHello } from "./hello";
import { proxy_get_buffer_bytes } from "./env";
import { BufferType } from "./host";
import { hasRequestHeaders, readRequestHeaders } from "./headers";
import { countRequest } from "./http";
import { defineMetrics } from "./metrics";
import { keepPace, leave, setTick, tick } from "./reporter";
import { Kind, findRoot, rootOfStream } from "./roots";
import { intervalMillis } from "./settings";
import { connectionClosed, connectionOpened, hasUntracked, isTracked } from "./tcp";
import { Loss, lose } from "../core/losses";

export { malloc } from "./answers";

/** Says which ABI the module speaks. */
export function proxy_abi_version_0_2_1(): void {}

export function proxy_on_vm_start(_rootId: u32, _size: u32): u32 {
  return 1;
}

/** Always 1: a configuration that is refused takes its listener with it. */
export function proxy_on_configure(rootId: u32, size: u32): u32 {
  forgetAnswers();
  configure(rootId, size);
  prepareHello();
  defineMetrics();
  const root = findRoot(rootId);
  if (root) setTick(root, intervalMillis());
  return 1;
}

export function proxy_on_tick(rootId: u32): void {
  forgetAnswers();
  const root = findRoot(rootId);
  if (root) tick(root, nowMillis());
}

/** A TCP connection of the network filter; HTTP filters are not told of theirs. 0 = go on. */
export function proxy_on_new_connection(context: u32): u32 {
  connectionOpened(context);
  return 0;
}

/** A request or connection ended: of a filter, or, with a root context's id, of an access logger. */
export function proxy_on_log(context: u32): void {
  forgetAnswers();
  const logger = findRoot(context);
  if (isTracked(context)) return connectionClosed(context, rootOfStream());
  if (logger && logger.kind == Kind.TCP) return connectionClosed(context, logger);
  readRequestHeaders();
  // Only what has no headers is asked what it is: in a mesh there are always connections that are not noted.
  const root = !logger && hasUntracked() && !hasRequestHeaders() ? rootOfStream() : null;
  if (root && root.kind == Kind.TCP) connectionClosed(context, root);
  else countRequest(logger);
}

/** 1 = the context may go at once, which every stream's may. */
export function proxy_on_done(context: u32): u32 {
  const root = findRoot(context);
  if (!root) return 1;
  forgetAnswers();
  return leave(root, nowMillis()) ? 1 : 0;
}

export function proxy_on_grpc_receive(rootId: u32, token: u32, size: u32): void {
  if (!isStream(token)) return;
  forgetAnswers();
  const now = nowMillis();
  const status = proxy_get_buffer_bytes(BufferType.GRPC_RECEIVE, 0, size, replyAddress(), replySize());
  if (isAnswered(status)) takeResponse(answerAt(), answerSize(), now);
  else if (size) lose(Loss.CONTROL_MESSAGES_BAD);
  if (rootId == streamOwner()) send(now);
  const root = findRoot(rootId);
  if (root) keepPace(root);
}

export function proxy_on_grpc_close(_rootId: u32, token: u32, _status: u32): void {
  if (isStream(token)) streamEnded(nowMillis());
}
