import { Flow, Side, stateOf } from "../../packet/flow";
import { loseUnparsed } from "../../packet/streams";

/** Where a side is. */
export namespace Phase {
  /** Nothing was seen of it. */
  export const START: u32 = 0;
  /** The server is to answer in one letter whether what follows is encrypted. */
  export const ENCRYPTION: u32 = 1;
  /** The server has not said yet that it is ready. */
  export const LOGIN: u32 = 2;
  export const MESSAGES: u32 = 3;
  /** What remains of a long query passes. */
  export const TAIL: u32 = 4;
  export const LOST: u32 = 5;
}

/** What an exchange is tagged with. */
export namespace Tag {
  /** Answered when the server is ready again: a simple query, a function call. */
  export const QUERY: u32 = 0;
  /** Answered by itself. */
  export const EXECUTE: u32 = 1;
}

/**
 * What is known of a connection. Messages come in batches: a query is one, and so is all up to a Sync; the server ends each
 * with ReadyForQuery. Exchanges have the number of their batch as id.
 */
@unmanaged
export class Conversation {
  /** When the last Parse was seen. Microseconds. */
  parsedMicros: u64;
  /** The batch that each side is at. */
  clientBatch: u32;
  serverBatch: u32;
  /** References to shapes: of the unnamed statement and portal, of the last Parse; and the batch that this one was in. */
  unnamedStatement: u32;
  unnamedPortal: u32;
  parsed: u32;
  parsedBatch: u32;
  /** Named statements and portals, in a block. */
  named: u32;
  /** The message of the client that is waited for: its size, and below its type. */
  needs: u32;
  /** What the batch came to until now (Outcome), 0 = nothing. */
  status: u16;
  outcome: u8;
  /** Whether a request of the batch has its answer. */
  hasAnswered: u8;
  clientPhase: u8;
  serverPhase: u8;
  /** What backslashes do in strings (Backslash). */
  backslash: u8;
  /** Whether the client asks before it has the answer. */
  isPipelined: u8;
  needsType: u8;
  /** How many sides send no more. */
  closed: u8;
}

export function conversationOf(flow: Flow): Conversation {
  return changetype<Conversation>(stateOf(flow));
}

/** A longer message is none. */
const LONGEST: u32 = 1 << 30;
/** The type and the length of a message. */
export const HEADER: u32 = 5;

/** Bytes of the message whose length is `length`, with its type; 0 where no message can be as long. */
export function wholeSize(length: u32): u32 {
  return length < 4 || length > LONGEST ? 0 : length + 1;
}

/** What a side sends is no message: from now on the beginning of one is looked for. */
export function lost(flow: Flow, side: u32, size: u32): u32 {
  loseUnparsed(flow);
  const conversation = conversationOf(flow);
  if (side == Side.CLIENT) conversation.clientPhase = <u8>Phase.LOST;
  else conversation.serverPhase = <u8>Phase.LOST;
  return size;
}
