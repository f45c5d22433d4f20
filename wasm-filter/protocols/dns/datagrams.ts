import { Loss, lose } from "../../core/losses";
import { swapEnds } from "../../packet/accounts";
import { waitingFor } from "../../packet/exchanges";
import { Flow, Side } from "../../packet/flow";
import { DESTINATION } from "../../packet/packet";
import { From } from "../../packet/parsers";
import { HEADER, id, isAnswer, opcode, question, rcode, readHeader, readMessage, type } from "./message";
import { giveUpOld, takeAnswer, takeQuery } from "./transactions";

/** DNS over UDP: a message a datagram. */

export function detectDatagram(at: usize, size: u32): u32 {
  if (isMulticast() || !readMessage(at, size)) return From.NOBODY;
  return isAnswer ? From.SERVER : From.CLIENT;
}

/** What goes to a group is multicast DNS or LLMNR: many may answer, and nobody must. */
function isMulticast(): bool {
  const isIp4 = load<u64>(DESTINATION) == 0 && load<u32>(DESTINATION, 8) == 0xffff0000;
  return isIp4 ? (load<u8>(DESTINATION, 12) & 0xf0) == 0xe0 : load<u8>(DESTINATION) == 0xff;
}

export function takeDatagram(flow: Flow, side: u32, at: usize, size: u32): void {
  giveUpOld(flow);
  if (!isReadable(flow, at, size)) return lose(Loss.UNPARSED);
  if (isAnswer != (side == Side.SERVER)) {
    // Servers ask each other from the port at which they answer: who asks first is the client until it has its answers.
    if (flow.oldest) return lose(Loss.UNPARSED);
    swapEnds(flow);
  }
  if (isAnswer) takeAnswer(flow, id, rcode);
  else takeQuery(flow, id, opcode, type, question);
}

/** An answer may come without its question, as where the server could not read it. */
function isReadable(flow: Flow, at: usize, size: u32): bool {
  if (readMessage(at, size)) return true;
  if (size < HEADER) return false;
  readHeader(at);
  return isAnswer && waitingFor(flow, id) != null;
}
