import { MAX_INTERFACES, MAX_STRANGE_LINKS } from "./limits";

/**
 * What is known of the capture that is read. It lies in one piece, so that an instance of the module can go on where
 * another one failed.
 *
 *     Reader | Interface x MAX_INTERFACES | StrangeLink x MAX_STRANGE_LINKS
 */
export namespace Format {
  export const UNKNOWN: u32 = 0;
  export const PCAP: u32 = 1;
  export const PCAPNG: u32 = 2;
  export const NONE: u32 = 3;
}

@unmanaged
class Reader {
  format: u32;
  isSwapped: u32;
  /** Whether the fraction of a second is in nanoseconds. */
  isNano: u32;
  link: u32;
  /** Bytes of a record that is too long for the input, still to be skipped. */
  skip: u64;
  /** Interfaces of the section of a pcapng. */
  interfaces: u32;
  /** Link layers that are not known. */
  strangeLinks: u32;
}

/** One interface of a pcapng. */
@unmanaged
export class Interface {
  link: u32;
  snap: u32;
  /** As if_tsresol has it: a power of ten, or, with the top bit, of two. */
  resolution: u32;
  filler: u32;
  /** Seconds to be added to each time. */
  offset: i64;
}

/** A link layer that is not known, and how many packets have it. */
@unmanaged
class StrangeLink {
  type: u32;
  packets: u32;
}
const STRANGE_LINKS: usize = offsetof<Reader>() + MAX_INTERFACES * offsetof<Interface>();

/** Where all of it lies, and how many bytes it has. */
export const READER_BYTES: u32 = <u32>STRANGE_LINKS + MAX_STRANGE_LINKS * offsetof<StrangeLink>();
export const READER: usize = memory.data(
  offsetof<Reader>() + MAX_INTERFACES * offsetof<Interface>() + MAX_STRANGE_LINKS * offsetof<StrangeLink>(),
  8,
);

export const reader = changetype<Reader>(READER);

export function interfaceAt(number: u32): Interface {
  return changetype<Interface>(READER + offsetof<Reader>() + <usize>number * offsetof<Interface>());
}

/** The link layers that are not known: u32 type, u32 packets each. */
export function strangeLinksAt(): usize {
  return READER + STRANGE_LINKS;
}

export function strangeLinks(): u32 {
  return reader.strangeLinks;
}

/** A packet has a link layer that is not known; which one it is is kept of the first few. */
export function meetStrangeLink(type: u32): void {
  let number: u32 = 0;
  while (number < reader.strangeLinks && strangeLink(number).type != type) number++;
  if (number == MAX_STRANGE_LINKS) return;
  if (number == reader.strangeLinks) {
    reader.strangeLinks++;
    strangeLink(number).type = type;
  }
  strangeLink(number).packets++;
}

function strangeLink(number: u32): StrangeLink {
  return changetype<StrangeLink>(READER + STRANGE_LINKS + <usize>number * offsetof<StrangeLink>());
}
