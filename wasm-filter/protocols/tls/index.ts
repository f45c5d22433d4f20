/**
 * TLS (RFC 8446, RFC 5246) and SSL before it. The handshake is the request; what it protects is not seen, nor looked at.
 *
 *     NONE --ClientHello--> ASKED --ServerHello--> AGREED --keyed records of both--> counted: success, by version and host
 *                             | ^--HelloRetryRequest, the second ClientHello
 *                             `---an alert that is fatal: counted as failed; the end: no answer
 *
 *     What is keyed: up to TLS 1.2 what comes behind ChangeCipherSpec (Finished), and data. In TLS 1.3 records of data, of the
 *     client only those behind the server's, since early data comes before.
 *
 * So the time is from the last byte of the ClientHello to the last byte of the second Finished. Of SSL 2.0 it is to the ServerHello.
 *
 *     each side   RECORD --its header--> PASSED --its end--> RECORD      a hello of several records is put together in a block
 *                 a gap: LOST --a segment that begins with a record--> RECORD, and no hello is waited for any more
 *
 * Other protocols hand a connection over (STARTTLS) before the ClientHello. DTLS is not read.
 */
import { Protocol } from "../../core/counters";
import { Flow, Side } from "../../packet/flow";
import { Verdict, register } from "../../packet/parsers";
import { waitForProbe } from "../../packet/probes";
import { Sent, Stage, forgetGathered, halfOf, handshakeOf, takeHelloUnread } from "./handshake";
import { CLIENT_HELLO, SERVER_HELLO } from "./hello";
import { Phase, looksLikeHello, looksLikeRecord, takeRecord } from "./records";
import { looksLikeOldHello } from "./ssl2";

export const TLS: u32 = register(Protocol.TLS, detect, feed, gap, close);

function detect(client: usize, clientSize: u32, server: usize, serverSize: u32): u32 {
  if (!clientSize) return looksLikeHello(server, serverSize, SERVER_HELLO);
  const verdict = looksLikeHello(client, clientSize, CLIENT_HELLO);
  return verdict == Verdict.NO ? looksLikeOldHello(client, clientSize) : verdict;
}

function feed(flow: Flow, side: u32, at: usize, size: u32): u32 {
  const half = halfOf(flow, side);
  if (side == Side.CLIENT && handshakeOf(flow).stage == Stage.NONE) waitForProbe(flow);
  if (half.phase != Phase.LOST) return takeRecord(flow, side, at, size);
  if (!size) return 0;
  const verdict = looksLikeRecord(at, size);
  if (verdict == Verdict.MORE) return 0;
  if (verdict == Verdict.NO) return size;
  half.phase = <u8>Phase.RECORD;
  return takeRecord(flow, side, at, size);
}

function gap(flow: Flow, side: u32, _bytes: u32): void {
  const half = halfOf(flow, side);
  // Of a ClientHello at least its beginning was seen: it is one, of a host that nobody knows.
  if (side == Side.CLIENT && !(half.sent & Sent.HELLO)) takeHelloUnread(flow);
  forgetGathered(half);
  half.phase = <u8>Phase.LOST;
  half.sent |= Sent.HELLO;
}

/** A handshake that is not complete by then is counted as that, by itself. */
function close(flow: Flow, side: u32): void {
  forgetGathered(halfOf(flow, side));
}
