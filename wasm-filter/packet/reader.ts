import { MAX_INTERFACES } from "./limits";

/**
 * What is known of the capture that is read. It lies in one piece, so that an instance of the module can go on where
 * another one failed.
 *
 *     Reader | Interface x MAX_INTERFACES
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
  filler: u32;
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

/** Where all of it lies, and how many bytes it has. */
export const READER_BYTES: u32 = offsetof<Reader>() + MAX_INTERFACES * offsetof<Interface>();
export const READER: usize = memory.data(offsetof<Reader>() + MAX_INTERFACES * offsetof<Interface>(), 8);

export const reader = changetype<Reader>(READER);

export function interfaceAt(number: u32): Interface {
  return changetype<Interface>(READER + offsetof<Reader>() + <usize>number * offsetof<Interface>());
}
