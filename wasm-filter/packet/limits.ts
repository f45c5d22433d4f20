/**
 * Every bound of what the tap keeps of packets, in one place. What goes past one is counted (core/losses.ts).
 *
 * The big ones are reserved at the start and cost memory only once they are touched: flows 40 MB, segments 17 MB, blocks
 * 32 MB, exchanges 8 MB, datagrams 1 MB, input 5 MB.
 */

/** Bytes that the host may hand over at once, and the longest record that may be cut over two of them. */
export const CHUNK_BYTES: u32 = 4 << 20;
export const MAX_RECORD: u32 = 512 << 10;
/** Link layers that are not known, of which a capture's reader is told the numbers. */
export const MAX_STRANGE_LINKS: u32 = 8;
/** Interfaces of a pcapng file. */
export const MAX_INTERFACES: u32 = 256;

/** Connections that are followed at once, a power of two, and how many are looked at to find one that is to go. */
export const MAX_FLOWS: u32 = 1 << 17;
export const EVICTION_SAMPLE: u32 = 8;

/**
 * A connection that is silent for so long is forgotten: an open one when keep-alives, as Linux sends them, would have ended it (two
 * hours, and nine times 75 s); one that closed after twice the longest life of a segment (RFC 9293), which what comes late is
 * within. What it asked has no answer any more after the third time. Microseconds.
 */
export const IDLE_MICROS: u64 = 7_875_000_000;
export const CLOSED_MICROS: u64 = 240_000_000;
export const ANSWER_MICROS: u64 = 600_000_000;
/** So long a SYN, and a datagram that asks something, may be without an answer. Microseconds. */
export const SYN_MICROS: u64 = 10_000_000;
/** A SYN that is sent again may be without one so many times as long as it has been sent: each time TCP waits twice as long. */
export const SYN_PATIENCE: u64 = 3;
export const ASKED_MICROS: u64 = 10_000_000;

/** Segments out of order: bytes of each place, places in all, bytes a direction of a flow. */
export const SEGMENT_BYTES: u32 = 2048;
export const MAX_SEGMENTS_HELD: u32 = 8192;
export const MAX_HELD_BYTES: u32 = 256 << 10;
/** How far ahead of what was seen last a segment may be; one further ahead belongs to nothing. */
export const MAX_AHEAD: i32 = 16 << 20;
/**
 * What is missing is given up when the receiver has confirmed it and it still did not come: within so many packets of the
 * flow, or so long. And after so long in any case. Microseconds.
 */
export const GAP_PACKETS: u32 = 16;
export const GAP_MICROS: u64 = 100_000;
export const GAP_MOST_MICROS: u64 = 3_000_000;

/** A block keeps the beginning of a message until the rest has come, or what a parser wants to know of a flow. */
export const BLOCK_BYTES: u32 = 16 << 10;
export const MAX_BLOCKS: u32 = 2048;
/** Compressed content is unpacked as far as this. */
export const UNPACKED_BYTES: u32 = 16 << 10;
/** What may be looked at of each direction to tell the protocol. */
export const DETECT_BYTES: u32 = 2048;

/** Addresses of the node that is listened to. */
export const MAX_OWN_ADDRESSES: u32 = 64;

/** The most that a client may send, and the longest, on a connection that is still taken for a probe by TLS. Microseconds. */
export const PROBE_BYTES: u32 = 4096;
export const PROBE_MICROS: u64 = 10_000_000;

/** Requests without an answer: in all, and of one flow. */
export const MAX_EXCHANGES: u32 = 1 << 18;
export const MAX_EXCHANGES_A_FLOW: u32 = 8192;

/** IP packets that are put together of fragments at once, and how long one may take. Microseconds. */
export const MAX_DATAGRAMS: u32 = 16;
export const DATAGRAM_MICROS: u64 = 30_000_000;

/** So many bytes behind everything that a parser is shown may be read, though they mean nothing: it may look at 16 at once. */
export const SLACK: u32 = 64;
