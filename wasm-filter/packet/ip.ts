import { Loss, lose } from "../core/losses";
import { u16be, u32be } from "./bytes";
import { takeFragment } from "./fragments";
import { setAddresses4, setAddresses6 } from "./packet";
import { takeTcp } from "./tcp";
import { takeGre, takeInner } from "./tunnels";
import { takeUdp } from "./udp";

/** IPv4 (RFC 791) and IPv6 (RFC 8200): finds what TCP and UDP there is in a packet. */
const TCP: u32 = 6;
const UDP: u32 = 17;
const IPV4_IN_IP: u32 = 4;
const IPV6_IN_IP: u32 = 41;
const GRE: u32 = 47;
const HOP_BY_HOP: u32 = 0;
const ROUTING: u32 = 43;
const FRAGMENT: u32 = 44;
const AUTHENTICATION: u32 = 51;
const DESTINATION_OPTIONS: u32 = 60;
const MOBILITY: u32 = 135;

/** Headers that may stand behind an IPv6 header. */
const MAX_EXTENSIONS: u32 = 12;

/** Takes an IP packet of whatever version, which may be cut at `end`. */
export function takeIp(at: usize, end: usize): void {
  if (at + 20 > end) return lose(Loss.PACKETS_BAD);
  const version = load<u8>(at) >> 4;
  if (version == 4) takeIp4(at, end);
  else if (version == 6) takeIp6(at, end);
  else lose(Loss.PACKETS_BAD);
}

function takeIp4(at: usize, end: usize): void {
  const header = ((<u32>load<u8>(at)) & 15) << 2;
  let size = u16be(at + 2);
  // With segmentation offload the length is written by the card, after the capture.
  if (!size) size = <u32>(end - at);
  if (header < 20 || size < header || at + header > end) return lose(Loss.PACKETS_BAD);
  setAddresses4(at + 12, at + 16);
  const place = u16be(at + 6);
  const protocol: u32 = load<u8>(at + 9);
  const payload = at + header;
  // What is behind the packet pads the frame.
  const there = min<usize>(end, at + size);
  if (place & 0x3fff) {
    takeFragment(((<u64>u16be(at + 4)) << 8) | protocol, (place & 0x1fff) << 3, payload, there, (place & 0x2000) != 0);
    return;
  }
  takeTransport(protocol, payload, there, size - header);
}

function takeIp6(at: usize, end: usize): void {
  if (at + 40 > end) return lose(Loss.PACKETS_BAD);
  let size = u16be(at + 4);
  if (!size) size = <u32>(end - at) - 40;
  setAddresses6(at + 8);
  let protocol: u32 = load<u8>(at + 6);
  let payload = at + 40;
  const whole = payload + size;
  const there = min<usize>(end, whole);
  for (let i: u32 = 0; i < MAX_EXTENSIONS; i++) {
    if (!isExtension(protocol)) return takeTransport(protocol, payload, there, <u32>(whole - payload));
    if (payload + 8 > there) return lose(Loss.PACKETS_BAD);
    const next: u32 = load<u8>(payload);
    if (protocol == FRAGMENT) {
      const place = u16be(payload + 2);
      const isLast = (place & 1) == 0;
      if (place & 0xfff9) {
        takeFragment(((<u64>u32be(payload + 4)) << 8) | next, place & 0xfff8, payload + 8, there, !isLast);
        return;
      }
      payload += 8;
    } else {
      const length: u32 = load<u8>(payload + 1);
      payload += protocol == AUTHENTICATION ? (length + 2) << 2 : (length + 1) << 3;
      if (payload > there) return lose(Loss.PACKETS_BAD);
    }
    protocol = next;
  }
  lose(Loss.PACKETS_BAD);
}

function isExtension(protocol: u32): bool {
  switch (protocol) {
    case HOP_BY_HOP:
    case ROUTING:
    case FRAGMENT:
    case AUTHENTICATION:
    case DESTINATION_OPTIONS:
    case MOBILITY:
      return true;
    default:
      return false;
  }
}

/**
 * Takes what an IP packet carries, whole or put together of fragments.
 *
 * @param end Where what was captured ends; on the wire there were `size` bytes.
 */
export function takeTransport(protocol: u32, at: usize, end: usize, size: u32): void {
  if (protocol == TCP) takeTcp(at, end, size);
  else if (protocol == UDP) takeUdp(at, end, size);
  else if (protocol == IPV4_IN_IP) takeInner(0x0800, at, end);
  else if (protocol == IPV6_IN_IP) takeInner(0x86dd, at, end);
  else if (protocol == GRE) takeGre(at, end);
}
