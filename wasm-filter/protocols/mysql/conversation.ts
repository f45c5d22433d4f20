import { Flow, Side, stateOf } from "../../packet/flow";
import { loseUnparsed } from "../../packet/streams";

/** Where a client is. */
export namespace Client {
  /** Nothing was seen of it. */
  export const START: u32 = 0;
  export const COMMANDS: u32 = 1;
  /** What remains of a long command passes. */
  export const TAIL: u32 = 2;
  export const LOST: u32 = 3;
}

/** Where a server is. */
export namespace Server {
  /** Nothing was seen of it. */
  export const START: u32 = 0;
  /** It has greeted, and not yet let the client in. */
  export const LOGIN: u32 = 1;
  /** An answer comes, or its next packet where it has several of one kind. */
  export const ANSWER: u32 = 2;
  export const COLUMNS: u32 = 3;
  /** The columns were told; an EOF may stand in between. */
  export const BEHIND_COLUMNS: u32 = 4;
  export const ROWS: u32 = 5;
  /** Parameters and columns of a prepared statement. */
  export const DEFINITIONS: u32 = 6;
  /** Replication: it goes on for ever. */
  export const STREAM: u32 = 7;
  export const LOST: u32 = 8;
}

/** What is known of a connection. */
@unmanaged
export class Conversation {
  /** Capabilities that both sides have. */
  capabilities: u32;
  /** Columns, or definitions, that are yet to come. */
  left: u32;
  /** References to shapes by the number of the statement, in a block; and that of the statement that was prepared last. */
  named: u32;
  prepared: u32;
  /** The packet of the client that is waited for: its size with its header, and its command. */
  needs: u32;
  needsCommand: u8;
  client: u8;
  server: u8;
  /** The next packet of a side goes on with the last one, which was as long as a packet can be. */
  clientContinues: u8;
  serverContinues: u8;
  /** The client sends a file, in packets of which the last is empty. */
  isFile: u8;
  /** An EOF may follow that belongs to the last answer. */
  mayEnd: u8;
  /** What backslashes do in strings (Backslash). */
  backslash: u8;
  /** How many sides send no more. */
  closed: u8;
  /** Both sides pack what they send (compressed.ts). */
  isCompressed: u8;
  /** Then: bytes of the first piece of the answer that has begun, of the piece that passes, and when the last one had passed. */
  begun: u32;
  pieceBytes: u32;
  pieceMicros: u64;
}

export function conversationOf(flow: Flow): Conversation {
  return changetype<Conversation>(stateOf(flow));
}

/** The length of a packet and its number. */
export const HEADER: u32 = 4;
/** A packet of this length goes on in the next one. */
export const LONGEST: u32 = 0xffffff;

export function lengthAt(at: usize): u32 {
  return load<u32>(at) & LONGEST;
}

/** What a side sends is no packet: from now on the beginning of one is looked for. */
export function lost(flow: Flow, side: u32, size: u32): u32 {
  loseUnparsed(flow);
  const conversation = conversationOf(flow);
  if (side == Side.CLIENT) conversation.client = <u8>Client.LOST;
  else conversation.server = <u8>Server.LOST;
  return size;
}

/** The number that a length-encoded integer at `at` has. Up to 9 bytes may be read. */
export function encodedAt(at: usize): u64 {
  const first: u32 = load<u8>(at);
  if (first < 0xfb) return first;
  if (first == 0xfc) return load<u16>(at, 1);
  if (first == 0xfd) return load<u32>(at, 1) & LONGEST;
  return first == 0xfe ? load<u64>(at, 1) : 0;
}

/** How many bytes it has. */
export function encodedSize(at: usize): u32 {
  const first: u32 = load<u8>(at);
  if (first < 0xfc) return 1;
  return first == 0xfc ? 3 : first == 0xfd ? 4 : 9;
}
