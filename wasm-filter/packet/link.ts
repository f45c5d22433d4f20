import { Loss, lose } from "../core/losses";
import { u16be, u32be } from "./bytes";
import { takeIp } from "./ip";
import { setCrossing } from "./packet";
import { meetStrangeLink } from "./reader";
import { takeInner } from "./tunnels";

/**
 * Link layers (https://www.tcpdump.org/linktypes.html): finds the IP packet in a frame. What carries none (ARP, spanning
 * tree) is passed over; a link layer that is not known is a loss.
 */
const NULL: u32 = 0;
const ETHERNET: u32 = 1;
const PPP: u32 = 9;
const FDDI: u32 = 10;
const RAW_OLD: u32 = 12;
const RAW_BSD: u32 = 14;
const PPP_HDLC: u32 = 50;
const RAW: u32 = 101;
const C_HDLC: u32 = 104;
const LOOP: u32 = 108;
const SLL: u32 = 113;
const SUNATM: u32 = 123;
const ARCNET_LINUX: u32 = 129;
const IPV4: u32 = 228;
const IPV6: u32 = 229;
const SLL2: u32 = 276;
/** Type of a cooked packet that leaves the node. */
const OUTGOING: u8 = 4;

const TYPE_IPV4: u32 = 0x0800;
const TYPE_IPV6: u32 = 0x86dd;
const TYPE_VLAN: u32 = 0x8100;
const TYPE_QINQ: u32 = 0x88a8;
const TYPE_QINQ_OLD: u32 = 0x9100;
const TYPE_MPLS: u32 = 0x8847;
const TYPE_PPPOE: u32 = 0x8864;
const TYPE_BACKBONE: u32 = 0x88e7;
const TYPE_CISCO_META: u32 = 0x8909;
const TYPE_VN: u32 = 0x8926;
const TYPE_HSR: u32 = 0x892f;
const TYPE_ETHERNET: u32 = 0x6558;
export const ETHERNET_HEADER: u32 = 14;
/** Tags that may stand before the packet. */
const MAX_TAGS: u32 = 8;

/**
 * Takes a frame.
 *
 * @param original The bytes it had on the wire; `captured` of them are there.
 */
export function takeFrame(link: u32, at: usize, captured: u32, original: u32): void {
  if (captured < original) lose(Loss.PACKETS_CUT);
  const end = at + captured;
  switch (link) {
    case ETHERNET:
      return captured < 14 ? lose(Loss.PACKETS_BAD) : takeTyped(u16be(at + 12), at + 14, end);
    case SLL:
      return captured < 16 ? lose(Loss.PACKETS_BAD) : takeTyped(u16be(at + 14), at + 16, end);
    case SLL2:
      return captured < 20 ? lose(Loss.PACKETS_BAD) : takeCooked(at, end);
    case NULL:
    case LOOP:
      return captured < 4 ? lose(Loss.PACKETS_BAD) : takeIp(at + 4, end);
    case RAW:
    case RAW_OLD:
    case RAW_BSD:
    case IPV4:
    case IPV6:
      return takeIp(at, end);
    case PPP:
    case PPP_HDLC:
      return takePpp(at, end);
    case C_HDLC:
      return captured < 4 ? lose(Loss.PACKETS_BAD) : takeTyped(u16be(at + 2), at + 4, end);
    case ARCNET_LINUX:
      return captured < 8 ? lose(Loss.PACKETS_BAD) : takeArcnet(at, end);
    case FDDI:
      return takeLlc(at + 13, end);
    case SUNATM:
      return takeLlc(at + 4, end);
    default:
      lose(Loss.LINK_TYPE_UNKNOWN);
      meetStrangeLink(link);
  }
}

/** A packet of "any": the only one that says which interface it crossed. */
function takeCooked(at: usize, end: usize): void {
  setCrossing((u32be(at + 4) << 1) | u32(load<u8>(at + 10) == OUTGOING));
  takeTyped(u16be(at), at + 20, end);
  setCrossing(0);
}

/** What follows an EtherType: tags, and then perhaps an IP packet. */
export function takeTyped(type: u32, at: usize, end: usize): void {
  for (let tags: u32 = 0; tags < MAX_TAGS; tags++) {
    if (type == TYPE_IPV4 || type == TYPE_IPV6) return takeIp(at, end);
    if (type == TYPE_VLAN || type == TYPE_QINQ || type == TYPE_QINQ_OLD) {
      if (at + 4 > end) return lose(Loss.PACKETS_BAD);
      type = u16be(at + 2);
      at += 4;
    } else if (type == TYPE_MPLS) {
      if (at + 4 > end) return lose(Loss.PACKETS_BAD);
      const isBottom = (load<u8>(at + 2) & 1) != 0;
      at += 4;
      if (isBottom) return takeLabelled(at, end);
    } else if (type == TYPE_CISCO_META) {
      if (at + 8 > end) return lose(Loss.PACKETS_BAD);
      type = u16be(at + 6);
      at += 8;
    } else if (type == TYPE_VN || type == TYPE_HSR) {
      if (at + 6 > end) return lose(Loss.PACKETS_BAD);
      type = u16be(at + 4);
      at += 6;
    } else if (type == TYPE_BACKBONE) {
      // A frame within the frame, behind the number of its service.
      if (at + 4 + ETHERNET_HEADER > end) return lose(Loss.PACKETS_BAD);
      type = u16be(at + 16);
      at += 4 + ETHERNET_HEADER;
    } else if (type == TYPE_PPPOE) {
      return takePpp(at + 6, end);
    } else if (type < 0x600) {
      return takeLlc(at, end);
    } else {
      return;
    }
  }
}

/** What follows the last label of MPLS: a packet, or a frame, which may have a control word before it (RFC 4448). */
function takeLabelled(at: usize, end: usize): void {
  if (at + 4 + ETHERNET_HEADER > end) return lose(Loss.PACKETS_BAD);
  const version = load<u8>(at) >> 4;
  if (version == 4 || version == 6) return takeIp(at, end);
  if (!version && u32be(at) >> 24 == 0) at += 4;
  takeInner(TYPE_ETHERNET, at, end);
}

/** PPP, with or without its address and control bytes and a compressed protocol field. */
export function takePpp(at: usize, end: usize): void {
  if (at + 4 > end) return lose(Loss.PACKETS_BAD);
  if (u16be(at) == 0xff03) at += 2;
  const isShort = (load<u8>(at) & 1) != 0;
  const protocol: u32 = isShort ? load<u8>(at) : u16be(at);
  if (protocol == 0x21 || protocol == 0x57) takeIp(at + (isShort ? 1 : 2), end);
}

/** IP on ARCnet (RFC 1201): addresses u8, u8 | offset u16 | protocol u8 | parts u8 | number u16. Packets in parts are not put together. */
function takeArcnet(at: usize, end: usize): void {
  if (load<u8>(at, 4) != ARCNET_IP) return;
  if (load<u8>(at, 5)) return lose(Loss.FRAGMENTS_DROPPED);
  takeIp(at + 8, end);
}
const ARCNET_IP: u8 = 212;

/** IEEE 802.2 with SNAP. */
function takeLlc(at: usize, end: usize): void {
  if (at + 8 > end) return;
  if (u32be(at) >> 8 == 0xaaaa03) takeTyped(u16be(at + 6), at + 8, end);
}
