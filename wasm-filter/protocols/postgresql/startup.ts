import { u32be } from "../../packet/bytes";
import { Flow, OPAQUE, Side, UNDETECTED, skip } from "../../packet/flow";
import { Verdict } from "../../packet/parsers";
import { giveUp, handOver } from "../../packet/streams";
import { Conversation, Phase } from "./conversation";

/** What a client sends first: a length, and a version or one of three numbers that stand in its place. */
const CANCEL: u32 = 80877102;
const SSL: u32 = 80877103;
const GSS: u32 = 80877104;
const BYTES: u32 = 8;
const LONGEST: u32 = 10000;

const S: u32 = 0x53;
const G: u32 = 0x47;
const E: u32 = 0x45;

/** Whether a connection begins with these bytes. */
export function looksLikeStartup(at: usize, size: u32): u32 {
  if (load<u8>(at)) return Verdict.NO;
  if (size < BYTES) return size > 1 && load<u8>(at + 1) ? Verdict.NO : Verdict.MORE;
  const length = u32be(at);
  const code = u32be(at + 4);
  if (code == SSL || code == GSS) return length == BYTES ? Verdict.YES : Verdict.NO;
  if (code == CANCEL) return length >= 16 && length < 512 ? Verdict.YES : Verdict.NO;
  if (code >> 16 != 3 || (code & 0xffff) > 9 || length <= BYTES || length > LONGEST) return Verdict.NO;
  if (size == BYTES) return Verdict.MORE;
  // The name of the first parameter.
  return ((<u32>load<u8>(at + BYTES)) | 0x20) - 97 < 26 || length == BYTES + 1 ? Verdict.YES : Verdict.NO;
}

/** Takes what a client sends first. */
export function takeStartup(flow: Flow, conversation: Conversation, at: usize, size: u32): u32 {
  if (size < BYTES) return 0;
  const length = u32be(at);
  const code = u32be(at + 4);
  if (code == SSL || code == GSS) {
    conversation.serverPhase = <u8>Phase.ENCRYPTION;
    return BYTES;
  }
  if (code == CANCEL) {
    handOver(flow, OPAQUE);
    return size;
  }
  if (code >> 16 != 3 || length < BYTES || length > LONGEST) {
    giveUp(flow);
    return size;
  }
  conversation.clientPhase = <u8>Phase.MESSAGES;
  conversation.serverPhase = <u8>Phase.LOGIN;
  skip(flow, Side.CLIENT, length - BYTES);
  return BYTES;
}

/** Takes the letter by which the server says whether what follows is encrypted. */
export function takeEncryption(flow: Flow, conversation: Conversation, letter: u32): u32 {
  if (letter == S) {
    // TLS follows, which is told by its content.
    handOver(flow, UNDETECTED);
    return 1;
  }
  if (letter == G) {
    handOver(flow, OPAQUE);
    return 1;
  }
  conversation.serverPhase = <u8>Phase.LOGIN;
  // A server that is too old for the question, or refuses it with an error.
  return letter == E ? 0 : 1;
}
