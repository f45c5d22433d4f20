import { EMPTY, OTHER } from "../../core/strings";
import { Text, bytesOf, sizeOf, text } from "../../core/text";
import { endpointNamed, endpointOf } from "../../packet/exchanges";
import { Flow } from "../../packet/flow";
import { keptShape, keptSize } from "./kept";
import { written, writtenSize } from "./written";

/** Statements without a word in them, which servers answer all the same. */
const NO_STATEMENT = text("(empty)");
const named = memory.data(256, 8);

/** The endpoint of the shape that was written last. */
export function endpointOfWritten(flow: Flow): u32 {
  if (!writtenSize) return endpointOfText(flow, NO_STATEMENT);
  return endpointOf(flow, EMPTY, written, writtenSize);
}

/** The endpoint of a kept shape; "~other" where it is not known. */
export function endpointOfKept(flow: Flow, reference: u32): u32 {
  const at = keptShape(reference);
  if (!at) return endpointNamed(flow, EMPTY, OTHER);
  const size = keptSize(reference);
  return size ? endpointOf(flow, EMPTY, at, size) : endpointOfText(flow, NO_STATEMENT);
}

/** The endpoint of a command that is known by its name. */
export function endpointOfText(flow: Flow, name: Text): u32 {
  return endpointOf(flow, EMPTY, bytesOf(name), sizeOf(name));
}

/** The endpoint of what is done to the shape that was written last: "PREPARE SELECT ...". */
export function endpointOfWrittenAs(flow: Flow, name: Text): u32 {
  const size = sizeOf(name);
  const rest = min<u32>(writtenSize, 254 - size);
  memory.copy(named, bytesOf(name), size);
  store<u8>(named + size, 32);
  memory.copy(named + size + 1, written, rest);
  return endpointOf(flow, EMPTY, named, size + 1 + rest);
}
