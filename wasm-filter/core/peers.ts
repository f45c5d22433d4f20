import { KeyTable } from "./key-table";
import { MAX_PEERS } from "./limits";
import { OTHER } from "./strings";

/**
 * The other ends of edges. A peer is four string numbers of 16 bits (Peer in ingest.proto), so its key is all there is:
 *
 *     address | principal << 16 | cluster << 32 | authority << 48
 *
 * Of an edge on the wire it is (server's address, client's address, 0, authority).
 */
const table = new KeyTable<u64>(memory.data(MAX_PEERS * 12, 8), MAX_PEERS);

export function peerKey(address: u32, principal: u32, cluster: u32, authority: u32): u64 {
  return (<u64>address) | ((<u64>principal) << 16) | ((<u64>cluster) << 32) | ((<u64>authority) << 48);
}

/** The number of a peer; OTHER_PEER when it is new and the table is full. */
export function peerNumber(key: u64): u32 {
  const found = table.find(key);
  if (found >= 0) return found;
  return table.size == MAX_PEERS ? OTHER_PEER : table.add(key);
}

/** Stands for the peers that found no room: its address is "~other". */
export const OTHER_PEER: u32 = table.add(peerKey(OTHER, 0, 0, 0));

export function peerAt(number: u32): u64 {
  return table.keyAt(number);
}

export function peersUnderPressure(): bool {
  return table.size > (MAX_PEERS / 4) * 3;
}

/** Sets the mark (u16 a string) of every string that a peer to keep names. */
export function markPeerStrings(kept: usize, strings: usize): void {
  for (let number: u32 = 0; number < table.size; number++) {
    if (number != OTHER_PEER && !load<u16>(kept + (number << 1))) continue;
    const key = table.keyAt(number);
    for (let shift: u64 = 0; shift < 64; shift += 16)
      store<u16>(strings + ((<usize>((key >> shift) & 0xffff)) << 1), 1);
  }
}

/** Keeps the marked peers and the other one; writes their new numbers over the marks. */
export function compactPeers(renumbering: usize, strings: usize): void {
  const before = table.size;
  const keys = table.clear();
  for (let number: u32 = 0; number < before; number++) {
    const mark = renumbering + ((<usize>number) << 1);
    if (number != OTHER_PEER && !load<u16>(mark)) continue;
    const old = load<u64>(keys + ((<usize>number) << 3));
    let key: u64 = 0;
    for (let shift: u64 = 0; shift < 64; shift += 16) {
      key |= (<u64>load<u16>(strings + ((<usize>((old >> shift) & 0xffff)) << 1))) << shift;
    }
    store<u16>(mark, <u16>table.add(key));
  }
}
