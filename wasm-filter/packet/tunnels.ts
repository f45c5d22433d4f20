import { Loss, lose } from "../core/losses";
import { u16be, u32be } from "./bytes";
import { takeIp } from "./ip";
import { ETHERNET_HEADER, takePpp, takeTyped } from "./link";

/**
 * Packets within packets: overlays of Kubernetes (VXLAN, Geneve, IP in IP, GRE) and those of networks beside it. The connection
 * within is counted, with its own addresses, and the datagrams that carry it are not.
 *
 *     UDP port   4789, 8472 VXLAN (RFC 7348)   6081 Geneve (RFC 8926)   2152 GTP-U (3GPP TS 29.281)
 *                3544 Teredo (RFC 4380)        5072 AYIYA
 *
 * Ports say only what may be there: where the header is not that of the tunnel, the datagram is taken for one of its own.
 */
const VXLAN: u32 = 4789;
const VXLAN_OF_LINUX: u32 = 8472;
const GENEVE: u32 = 6081;
const GTP: u32 = 2152;
const TEREDO: u32 = 3544;
const AYIYA: u32 = 5072;

const TYPE_IPV4: u32 = 0x0800;
const TYPE_IPV6: u32 = 0x86dd;
const TYPE_ETHERNET: u32 = 0x6558;
const TYPE_PPP: u32 = 0x880b;
const TYPE_ERSPAN: u32 = 0x88be;
const TYPE_ERSPAN_3: u32 = 0x22eb;

/** How often a packet may be within another one. */
const MAX_DEPTH: u32 = 4;
let depth: u32 = 0;

/** Takes what a datagram to or from such a port carries; false where it carries no packet. */
export function takeTunnel(port: u32, at: usize, end: usize): bool {
  switch (port) {
    case VXLAN:
    case VXLAN_OF_LINUX:
      return takeVxlan(at, end);
    case GENEVE:
      return takeGeneve(at, end);
    case GTP:
      return takeGtp(at, end);
    case TEREDO:
      return takeTeredo(at, end);
    case AYIYA:
      return takeAyiya(at, end);
    default:
      return false;
  }
}

/** Takes a packet of an EtherType that lies within another packet. */
export function takeInner(type: u32, at: usize, end: usize): void {
  if (depth == MAX_DEPTH || at > end) return lose(Loss.PACKETS_BAD);
  depth++;
  if (type == TYPE_ETHERNET) {
    if (at + ETHERNET_HEADER > end) lose(Loss.PACKETS_BAD);
    else takeTyped(u16be(at + 12), at + ETHERNET_HEADER, end);
  } else if (type == TYPE_PPP) {
    takePpp(at, end);
  } else {
    takeTyped(type, at, end);
  }
  depth--;
}

function takeIpWithin(at: usize, end: usize): bool {
  if (at + 20 > end) return false;
  const version = load<u8>(at) >> 4;
  if (version != 4 && version != 6) return false;
  takeInner(version == 4 ? TYPE_IPV4 : TYPE_IPV6, at, end);
  return true;
}

function takeVxlan(at: usize, end: usize): bool {
  // Its one flag says that the network's number is there.
  if (at + 8 + ETHERNET_HEADER > end || !(load<u8>(at) & 0x08)) return false;
  takeInner(TYPE_ETHERNET, at + 8, end);
  return true;
}

function takeGeneve(at: usize, end: usize): bool {
  if (at + 8 > end) return false;
  const first: u32 = load<u8>(at);
  const type = u16be(at + 2);
  const inner = at + 8 + ((first & 0x3f) << 2);
  const isPacket = type == TYPE_ETHERNET || type == TYPE_IPV4 || type == TYPE_IPV6;
  if (first >> 6 || !isPacket || inner > end) return false;
  takeInner(type, inner, end);
  return true;
}

/** Version 1, and of its messages the one that carries a packet; extension headers are chained. */
function takeGtp(at: usize, end: usize): bool {
  if (at + 8 > end || (load<u8>(at) & 0xf0) != 0x30 || load<u8>(at + 1) != 255) return false;
  const flags: u32 = load<u8>(at) & 7;
  let inner = at + 8;
  if (flags) {
    inner += 4;
    let next: u32 = flags & 4 && inner <= end ? load<u8>(inner - 1) : 0;
    while (next && inner < end) {
      const size = (<u32>load<u8>(inner)) << 2;
      if (!size || inner + size > end) return false;
      inner += size;
      next = load<u8>(inner - 1);
    }
  }
  return takeIpWithin(inner, end);
}

/** An IPv6 packet, before which there may be who is asking and from where. */
function takeTeredo(at: usize, end: usize): bool {
  if (at + 4 > end) return false;
  if (u16be(at) == 1) at += 13 + load<u8>(at + 2) + load<u8>(at + 3);
  if (at + 8 > end) return false;
  if (u16be(at) == 0) at += 8;
  return takeIpWithin(at, end);
}

/** Its header says how long an identity (a power of two) and a signature (in words) follow it. */
function takeAyiya(at: usize, end: usize): bool {
  if (at + 8 > end || load<u8>(at + 3) != 41) return false;
  const identity: u32 = 1 << ((<u32>load<u8>(at)) >> 4);
  const signature: u32 = ((<u32>load<u8>(at + 1)) >> 4) << 2;
  return takeIpWithin(at + 8 + identity + signature, end);
}

/** GRE (RFC 2784, RFC 2890, and RFC 2637 with PPP): fields that are there where a flag says so, then a packet. */
export function takeGre(at: usize, end: usize): void {
  if (at + 4 > end) return lose(Loss.PACKETS_BAD);
  const flags = u16be(at);
  const type = u16be(at + 2);
  let header: u32 = 4;
  if (flags & 0x8000) header += 4;
  if (flags & 0x2000) header += 4;
  if (flags & 0x1000) header += 4;
  if (flags & 0x0080) header += 4;
  if (at + header + 12 > end) return;
  if (type == TYPE_ERSPAN) {
    // The first kind has no header of its own, and no number of the packet.
    if (flags & 0x1000) header += 8;
    return takeInner(TYPE_ETHERNET, at + header, end);
  }
  if (type == TYPE_ERSPAN_3) {
    const hasMore = (u32be(at + header + 8) & 1) != 0;
    return takeInner(TYPE_ETHERNET, at + header + (hasMore ? 20 : 12), end);
  }
  takeInner(type, at + header, end);
}
