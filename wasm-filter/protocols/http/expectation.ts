import { OTHER, methodNumber } from "../../core/strings";
import { Flow, Side, isBehind } from "../../packet/flow";
import { Verdict } from "../../packet/parsers";
import { keptSize } from "../../packet/streams";
import { IN_CHUNKS, Message, Phase, beginBody } from "./message";
import { looksLikeRequest, methodSize, readMethod } from "./start-line";

/**
 * A client that says `Expect: 100-continue` may wait for a word before it sends the body (RFC 9110, 10.1.1). Without a final answer
 * it is the body that comes next: the client was told to go on, or waits no longer. Once it has one it may leave the body out
 * and go on with its next request, or send it all the same, to be thrown away. What comes says which of the two.
 */

/** So many bytes that do not make a request line are none. */
const ENOUGH: u32 = 512;

/** Has a client be about to send a body of so many bytes, or IN_CHUNKS. */
export function expectBody(client: Message, bytes: u64): void {
  client.phase = <u8>Phase.EXPECT;
  client.bodyBytes = bytes;
}

/** The server has told its client to go on. */
export function continueBody(flow: Flow, client: Message): void {
  if (client.phase != Phase.EXPECT || keptSize(flow, Side.CLIENT)) return;
  beginBody(client, flow, Side.CLIENT, client.bodyBytes);
}

/** Whether what a client sends while its phase is EXPECT is its next request. */
export function isNextRequest(flow: Flow, client: Message, server: Message, at: usize, size: u32): u32 {
  if (!hasFinalAnswer(flow, server) && !mayHaveMissed(flow, server)) return Verdict.NO;
  const verdict = looksLikeRequest(at, size);
  if (verdict == Verdict.YES && isJoined(client.bodyBytes, at, size)) return Verdict.NO;
  return verdict == Verdict.MORE && size > ENOUGH ? Verdict.NO : verdict;
}

/** Whether what looks like a request is a short body and the request behind it, as "abc" and "GET / HTTP/1.1" are one line. */
function isJoined(body: u64, at: usize, size: u32): bool {
  if (body >= size) return false;
  const behind = looksLikeRequest(at + <usize>body, size - <u32>body);
  if (behind != Verdict.MORE) return behind == Verdict.YES;
  return readMethod(at, size) && methodNumber(at, methodSize) == OTHER;
}

/** Takes bytes that were not seen for those of the body; false where they may be more than that, or something else. */
export function missBody(flow: Flow, client: Message, server: Message, bytes: u32): bool {
  const body = client.bodyBytes;
  if (client.phase != Phase.EXPECT || body == IN_CHUNKS || body < bytes || hasFinalAnswer(flow, server)) return false;
  beginBody(client, flow, Side.CLIENT, body - bytes);
  return true;
}

/** Whether the newest request has its answer, or the beginning of one that is final. */
function hasFinalAnswer(flow: Flow, server: Message): bool {
  return !flow.cut && (!flow.waiting || (flow.waiting == 1 && server.status >= 200));
}

function mayHaveMissed(flow: Flow, server: Message): bool {
  return server.flag != 0 || isBehind(flow, Side.SERVER);
}
