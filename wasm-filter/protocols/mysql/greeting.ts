import { Flow, Side, pass } from "../../packet/flow";
import { Backslash } from "../sql/quoted";
import { Conversation, HEADER, Server, lengthAt } from "./conversation";

/** Behind the version: thread, salt, a 0, then the lower half of the capabilities, a character set, a status, the upper half. */
const LOWER: u32 = 13;
const UPPER: u32 = 18;

/** Takes the first packet of a server. */
export function takeGreeting(flow: Flow, conversation: Conversation, at: usize, size: u32): u32 {
  const whole = HEADER + lengthAt(at);
  if (size < whole) return 0;
  let version: u32 = HEADER + 1;
  while (version < whole && load<u8>(at + version)) version++;
  const behind = version + 1;
  if (behind + UPPER + 2 <= whole) {
    conversation.capabilities = (<u32>load<u16>(at + behind + LOWER)) | ((<u32>load<u16>(at + behind + UPPER)) << 16);
  }
  conversation.server = <u8>Server.LOGIN;
  conversation.backslash = <u8>Backslash.ESCAPES;
  return pass(flow, Side.SERVER, whole, size);
}
