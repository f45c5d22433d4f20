import { Flow, skip, stateOf } from "../../packet/flow";

/**
 * Where one side is within its messages.
 *
 *     HEAD --OP_MSG--> SECTION --a body--> BODY ---------------.
 *       |                ^ `--documents, skipped--´            |
 *       |--OP_QUERY and its like--> COLLECTION --a command--> BODY --what matters is known--> END --it has passed--> HEAD
 *       |--OP_REPLY---------------------------------------> BODY                              ^
 *       `--OP_COMPRESSED, OP_KILL_CURSORS ----------------------------------------------------´
 *
 *     a gap, or what is no message: LOST --a segment that begins with a message--> HEAD
 */
export namespace Phase {
  export const HEAD: u32 = 0;
  export const SECTION: u32 = 1;
  export const COLLECTION: u32 = 2;
  export const BODY: u32 = 3;
  export const END: u32 = 4;
  export const LOST: u32 = 5;
}

/** What is known of the message that is being read. */
export namespace Known {
  /** Of a request: it is in the queue, it is getMore, nobody answers it. */
  export const ASKED: u32 = 1;
  export const GET_MORE: u32 = 2;
  export const UNANSWERED: u32 = 4;
  /** Of an answer: more come without being asked for; it failed; whether it did is not known. */
  export const MORE_TO_COME: u32 = 8;
  export const FAILED: u32 = 16;
  export const UNCLEAR: u32 = 32;
}

/** Where an answer is read: within writeErrors, or in a document of an error. */
export namespace Inside {
  export const TOP: u32 = 0;
  export const ERRORS: u32 = 1;
  export const FIRST_ERROR: u32 = 2;
  export const ONE_ERROR: u32 = 3;
}

@unmanaged
export class Part {
  phase: u8;
  known: u8;
  inside: u8;
  /** Of a server: whether answers may have been missed. */
  missed: u8;
  opcode: u32;
  /** Bytes of the message that have yet to come. */
  left: u32;
  id: u32;
  answers: u32;
  code: u32;
  /** Of a server: the id of the answer that more follow, 0 = none. */
  followed: u32;
}

export function partOf(flow: Flow, side: u32): Part {
  return changetype<Part>(stateOf(flow) + <usize>side * offsetof<Part>());
}

/** The rest of the message does not matter. True where there is none: it ends now. */
export function passRest(flow: Flow, side: u32, used: u32): bool {
  const part = partOf(flow, side);
  part.phase = <u8>Phase.END;
  const left = part.left - used;
  part.left = 0;
  skip(flow, side, left);
  return left == 0;
}
