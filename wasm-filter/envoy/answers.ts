import { OK } from "./host";

/**
 * Memory for what the host answers: it asks `malloc` for room and writes the address and size of the value to two
 * words of ours. Answers live until the next export is entered, which starts at the beginning again.
 *
 * Nothing is believed: an answer that does not lie within what malloc gave out counts as missing.
 */
const ARENA_BYTES: usize = 64 * 1024;
const arena = memory.data(65536, 16);
const reply = memory.data(8, 8);
let top: usize = arena;

/** Called by the host. 0, which the host reports as an error of its call, when the value is too large. */
export function malloc(size: usize): usize {
  if (size > arena + ARENA_BYTES - top) return 0;
  const at = top;
  top = (top + size + 15) & ~15;
  return at;
}

/** Forgets all answers. The first thing in every export. */
export function forgetAnswers(): void {
  top = arena;
}

/** Where the host is to put a value's address; call before a host function that answers with a value. */
export function replyAddress(): usize {
  store<u64>(reply, 0);
  return reply;
}

/** Where the host is to put a value's size. */
export function replySize(): usize {
  return reply + 4;
}

/** Whether a host function that ended with `status` left a value, at `answerAt` with `answerSize` bytes. */
export function isAnswered(status: u32): bool {
  if (status != OK) return false;
  const at: usize = load<u32>(reply);
  const size: usize = load<u32>(reply, 4);
  return at >= arena && at <= top && size <= top - at && size != 0;
}

export function answerAt(): usize {
  return load<u32>(reply);
}

export function answerSize(): u32 {
  return load<u32>(reply, 4);
}
