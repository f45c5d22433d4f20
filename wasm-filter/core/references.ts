import {
  Side,
  counterEndpoint,
  counterKind,
  counterPeer,
  counterStatus,
  kindOutcome,
  kindProtocol,
  kindSide,
} from "./counters";
import { endpointMethod, endpointRoute } from "./endpoints";
import { MAX_PEERS, MAX_STRING, MAX_STRINGS } from "./limits";
import { peerAt } from "./peers";
import { BATCH_PEERS, BATCH_STRINGS } from "./scratch";
import { stringAt, stringSize } from "./strings";
import { closeMessage, openMessage, writeBytes, writeNumber } from "./writer";

/**
 * Strings and peers of the batch that is being written: each is written just before the first counter that names it, and
 * known by its index from then on.
 */

/** The most bytes that `openCounter` writes: a new peer and all its strings. */
export const HEAD_BYTES: u32 = 6 * (MAX_STRING + 4) + 48;

/** Numbers within the current batch + 1, 0 = not yet in it: u16 a string, u16 a peer. */
const stringRefs = BATCH_STRINGS;
const peerRefs = BATCH_PEERS;
let stringCount: u32 = 0;
let peerCount: u32 = 0;

/** Forgets those of the batch before. To be called before a new one is written. */
export function startReferences(): void {
  memory.fill(stringRefs, 0, MAX_STRINGS * 2);
  memory.fill(peerRefs, 0, MAX_PEERS * 2);
  stringCount = 0;
  peerCount = 0;
}

/** Opens a Counter with what its key says: side, peer, protocol, endpoint, outcome and status. Close it as a message. */
export function openCounter(number: u32): usize {
  const kind = counterKind(number);
  const peer = peerRef(counterPeer(number), kindSide(kind));
  const endpoint = counterEndpoint(number);
  const method = stringRef(endpointMethod(endpoint));
  const route = stringRef(endpointRoute(endpoint));
  const message = openMessage(7);
  writeNumber(1, kindSide(kind));
  writeNumber(2, peer);
  writeNumber(3, kindProtocol(kind));
  writeNumber(4, method);
  writeNumber(5, route);
  writeNumber(6, kindOutcome(kind));
  writeNumber(7, counterStatus(number));
  return message;
}

/** The index of a peer in this batch; writes it, and its strings, when it is the first to ask. */
function peerRef(number: u32, side: u32): u32 {
  const ref = peerRefs + ((<usize>number) << 1);
  if (!load<u16>(ref)) {
    const key = peerAt(number);
    const address = stringRef((<u32>key) & 0xffff);
    const second = stringRef((<u32>(key >> 16)) & 0xffff);
    const cluster = stringRef((<u32>(key >> 32)) & 0xffff);
    const authority = stringRef(<u32>(key >> 48));
    const message = openMessage(6);
    writeNumber(1, address);
    if (side != Side.WIRE) writeNumber(2, second);
    writeNumber(3, cluster);
    writeNumber(4, authority);
    if (side == Side.WIRE) writeNumber(7, second);
    closeMessage(message);
    store<u16>(ref, <u16>++peerCount);
  }
  return load<u16>(ref) - 1;
}

/** The index of a string in this batch; writes it when it is the first to ask. */
export function stringRef(number: u32): u32 {
  const ref = stringRefs + ((<usize>number) << 1);
  if (!load<u16>(ref)) {
    writeBytes(5, stringAt(number), stringSize(number));
    store<u16>(ref, <u16>++stringCount);
  }
  return load<u16>(ref) - 1;
}
