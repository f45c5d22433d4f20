import { Outcome } from "../../core/counters";
import { endpointRoute } from "../../core/endpoints";
import { Loss, lose } from "../../core/losses";
import { EMPTY, OTHER, intern } from "../../core/strings";
import { Text, bytesOf, sizeOf, text } from "../../core/text";
import { answerOldest, answerUnasked, ask, endpointNamed, holdAnswer, oldest } from "../../packet/exchanges";
import { blockAt, freeBlock, takeBlock } from "../../packet/blocks";
import { Flow, OPAQUE, Side, State, stateOf } from "../../packet/flow";
import { isNoProbe } from "../../packet/probes";
import { handOver } from "../../packet/streams";
import {
  SSL_2,
  TLS_1_3,
  forgetName,
  isLikeProbe,
  isOddName,
  isRetry,
  nameAt,
  nameSize,
  readClientHello,
  readServerHello,
  version,
} from "./hello";

/** What is known of a handshake, and how it ends. */
export namespace Stage {
  export const NONE: u32 = 0;
  /** The client has said hello. */
  export const ASKED: u32 = 1;
  /** The server has, too. */
  export const AGREED: u32 = 2;
}

/** What one side has sent. */
export namespace Sent {
  /** Its hello, or so much of the connection that none will come. */
  export const HELLO: u8 = 1;
  export const CHANGE_CIPHER: u8 = 2;
  /** Something that only who has the keys can send: Finished, or data. */
  export const KEYED: u8 = 4;
}

@unmanaged
export class Half {
  phase: u8;
  sent: u8;
  /** What is to be done when the record that is passed over has ended. */
  then: u8;
  /** Number of the alert that it sent; 0 where it is ciphered. */
  alert: u8;
  /** Where a hello of several records is put together, and how much of it there is. */
  block: u32;
  gathered: u32;
}

/** The state of a flow; the Half of each side follows. */
@unmanaged
export class Handshake {
  stage: u8;
  filler: u8;
  /** The version that is spoken, 0 as long as it is not known. */
  version: u16;
}

export function handshakeOf(flow: Flow): Handshake {
  return changetype<Handshake>(stateOf(flow));
}

export function halfOf(flow: Flow, side: u32): Half {
  return changetype<Half>(stateOf(flow) + 4 + <usize>side * offsetof<Half>());
}

/** Where a hello is put together; 0 where there is no room. */
export function gatherAt(half: Half): usize {
  if (!half.block) half.block = takeBlock();
  return half.block ? blockAt(half.block) : 0;
}

export function forgetGathered(half: Half): void {
  freeBlock(half.block);
  half.block = 0;
  half.gathered = 0;
}

/** Looks at the connection no more: from here on all is ciphered, or it is no TLS. */
export function leave(flow: Flow): void {
  forgetGathered(halfOf(flow, Side.CLIENT));
  forgetGathered(halfOf(flow, Side.SERVER));
  handOver(flow, OPAQUE);
}

const ANY = text("TLS");
const SSL_2_NAME = text("SSL 2.0");
const SSL_3_NAME = text("SSL 3.0");
const TLS_1_0_NAME = text("TLS 1.0");
const TLS_1_1_NAME = text("TLS 1.1");
const TLS_1_2_NAME = text("TLS 1.2");
const TLS_1_3_NAME = text("TLS 1.3");

function versionName(value: u32): Text {
  switch (value) {
    case SSL_2:
      return SSL_2_NAME;
    case 0x0300:
      return SSL_3_NAME;
    case 0x0301:
      return TLS_1_0_NAME;
    case 0x0302:
      return TLS_1_1_NAME;
    case 0x0303:
      return TLS_1_2_NAME;
    default:
      return value == TLS_1_3 ? TLS_1_3_NAME : ANY;
  }
}

function numberOf(name: Text): u32 {
  return number(bytesOf(name), sizeOf(name));
}

function number(at: usize, size: u32): u32 {
  const found = intern(at, size);
  if (found >= 0) return found;
  lose(Loss.ENDPOINTS_FULL);
  return OTHER;
}

/** Takes a ClientHello. */
export function takeClientHello(flow: Flow, at: usize, size: u32): void {
  readClientHello(at, size);
  askFor(flow);
}

/** Takes one that names no host: in the form of SSL 2.0, or in part. */
export function takeHelloUnread(flow: Flow): void {
  forgetName();
  askFor(flow);
}

function askFor(flow: Flow): void {
  halfOf(flow, Side.CLIENT).sent |= Sent.HELLO;
  const handshake = handshakeOf(flow);
  // The second hello of one handshake.
  if (handshake.stage != Stage.NONE) return;
  handshake.stage = <u8>Stage.ASKED;
  if (!isLikeProbe) isNoProbe(flow);
  ask(flow, endpointNamed(flow, numberOf(ANY), hostNumber()));
}

function hostNumber(): u32 {
  if (isOddName) return OTHER;
  return nameSize ? number(nameAt(), nameSize) : EMPTY;
}

/** Takes a ServerHello; false where it is none. */
export function takeServerHello(flow: Flow, at: usize, size: u32): bool {
  if (!readServerHello(at, size)) return false;
  const handshake = handshakeOf(flow);
  if (isRetry) {
    halfOf(flow, Side.CLIENT).sent &= ~Sent.HELLO;
    return true;
  }
  halfOf(flow, Side.SERVER).sent |= Sent.HELLO;
  agree(flow, version);
  return true;
}

/** The server has chosen a version. */
export function agree(flow: Flow, chosen: u32): void {
  const handshake = handshakeOf(flow);
  if (handshake.stage == Stage.NONE) {
    answerUnasked(flow, Outcome.SUCCESS, 0);
    return leave(flow);
  }
  handshake.stage = <u8>Stage.AGREED;
  handshake.version = <u16>chosen;
  const exchange = oldest(flow);
  if (!exchange) return;
  exchange.endpoint = <u16>endpointNamed(flow, numberOf(versionName(chosen)), endpointRoute(exchange.endpoint));
}

/** A record has passed that only who has the keys can have sent. */
export function takeKeyed(flow: Flow, side: u32): void {
  const half = halfOf(flow, side);
  const other = halfOf(flow, side ^ 1);
  const spoken: u32 = handshakeOf(flow).version;
  // Early data of the client comes before the server has the keys.
  const mayBeEarly = side == Side.CLIENT && (spoken == TLS_1_3 || spoken == 0);
  if (mayBeEarly && !(other.sent & Sent.KEYED)) return;
  half.sent |= Sent.KEYED;
  if (other.sent & Sent.KEYED) succeed(flow);
}

/** The handshake is complete. */
export function succeed(flow: Flow): void {
  end(flow, Outcome.SUCCESS, 0);
}

const INTERNAL_ERROR: u32 = 80;
const USER_CANCELED: u32 = 90;

/**
 * The handshake has failed by an alert. Who is told of a mistake has made it: a certificate that the client does not believe is the
 * server's fault. But an internal error is that of who has it.
 *
 * @param alert Its number, 0 where it is ciphered.
 */
export function fail(flow: Flow, side: u32, alert: u32): void {
  const isOwn = alert == INTERNAL_ERROR || alert == USER_CANCELED;
  const isClient = (side == Side.CLIENT) == isOwn;
  const outcome = isClient ? Outcome.CLIENT_ERROR : Outcome.SERVER_ERROR;
  end(flow, outcome, alert);
}

/** Counts what came of the handshake; what may be a probe's waits for what comes behind it. */
function end(flow: Flow, outcome: u32, alert: u32): void {
  if (handshakeOf(flow).stage != Stage.NONE) {
    if (flow.state & State.LIKE_PROBE) holdAnswer(flow, outcome, alert);
    else answerOldest(flow, outcome, alert);
  }
  leave(flow);
}
