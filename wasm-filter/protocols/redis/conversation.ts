import { Flow, stateOf } from "../../packet/flow";
import { loseUnparsed } from "../../packet/streams";

/** Where the client is within its commands. */
export namespace Phase {
  export const COMMAND: u32 = 0;
  /** The next argument of an array begins. */
  export const ARGUMENT: u32 = 1;
  /** The rest of an argument is passed over. */
  export const SKIPPED: u32 = 2;
  /** The rest of a long inline command is passed over. */
  export const LINE: u32 = 3;
  export const LOST: u32 = 4;
}

/** Where the server is within its replies. */
export namespace ReplyPhase {
  /** The next element begins, of the reply that is under way or of a new one. */
  export const ELEMENT: u32 = 0;
  export const SKIPPED: u32 = 1;
  export const LINE: u32 = 2;
  export const LOST: u32 = 3;
}

/** What the reply is that is under way. */
export namespace Reply {
  export const ANSWER: u32 = 0;
  /** One of those that SUBSCRIBE and its like have, one a channel. */
  export const CONFIRMATION: u32 = 1;
  /** A message, an attribute, a line of MONITOR: it answers nothing. */
  export const PUSH: u32 = 2;
}

export namespace Bit {
  export const BEGUN: u8 = 1;
  /** CLIENT REPLY OFF: nothing is answered; CLIENT REPLY SKIP: the next command is not. */
  export const SILENT: u8 = 2;
  export const SILENT_ONCE: u8 = 4;
  export const MONITOR: u8 = 8;
  /** All channels were left at once: more confirmations than one may come. */
  export const LEAVING: u8 = 16;
  /** The client has asked since the server's replies were lost: the next one that is seen begins somewhere. */
  export const TURN: u8 = 32;
}

export const MAX_NAME: u32 = 40;

/** The state of a flow. The name follows: that of the command that is under way, in capital letters. */
@unmanaged
export class Conversation {
  phase: u8;
  /** Kind of the command that is under way, and the size of its name; 0 = "~other". */
  kind: u8;
  nameSize: u8;
  bits: u8;
  /** Arguments of it that are yet to come, of so many. */
  args: u32;
  count: u32;
  replyPhase: u8;
  reply: u8;
  outcome: u8;
  /** Second letter of what CLIENT REPLY asks for: oFf, oN, sKip. */
  mode: u8;
  /** Elements of the reply that are yet to come, as far as is known: an array within it adds its own. */
  left: u64;
}

export function conversationOf(flow: Flow): Conversation {
  return changetype<Conversation>(stateOf(flow));
}

/** Where the name lies: MAX_NAME bytes. */
export function nameOf(talk: Conversation): usize {
  return changetype<usize>(talk) + offsetof<Conversation>();
}

/** What the client sends is no command. */
export function loseClient(flow: Flow, talk: Conversation): void {
  countLost(flow);
  talk.phase = <u8>Phase.LOST;
}

/** What the server sends is no reply. */
export function loseServer(flow: Flow, talk: Conversation): void {
  countLost(flow);
  forgetReply(talk);
}

/** Looks for the next reply, which will be one to what the client asks from now on. */
export function forgetReply(talk: Conversation): void {
  talk.replyPhase = <u8>ReplyPhase.LOST;
  talk.left = 0;
  talk.bits &= ~Bit.TURN;
}

function countLost(flow: Flow): void {
  loseUnparsed(flow);
}
