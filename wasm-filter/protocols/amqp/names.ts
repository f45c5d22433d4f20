import { classOf } from "../../core/routes/bytes";
import { idLength } from "../../core/routes/shape";
import { EMPTY } from "../../core/strings";
import { Text, bytesOf, sizeOf, startsWithIgnoringCase, text } from "../../core/text";
import { endpointOf } from "../../packet/exchanges";
import { Flow } from "../../packet/flow";

/**
 * Endpoints: a method and the exchange or queue that it is about, "publish orders". Names that a server or a client draws
 * for queues of its own are ids, as those in paths are.
 */
const buffer = memory.data(512, 8);
const MOST_BYTES: u32 = 255;
let length: u32 = 0;

const ID = text("{id}");
/** "amq.gen-JzTY20BRgKO-HjmUJj0wLg", and what stands for the queue of answers to one client. */
const GENERATED = text("amq.gen");
const REPLY_TO = text("amq.rabbitmq.reply-to");

/** Begins with a method's name, which a space ends. */
export function startName(at: usize): void {
  length = 0;
  while (load<u8>(at + length) != 32) {
    store<u8>(buffer + length, load<u8>(at + length));
    length++;
  }
}

export function startText(name: Text): void {
  length = sizeOf(name);
  memory.copy(buffer, bytesOf(name), length);
}

/** Adds the name of an exchange or a queue, where it has one. */
export function addName(at: usize, size: u32): void {
  if (!size) return;
  store<u8>(buffer + length, 32);
  length++;
  const id = generatedBytes(at, size);
  if (id) append(bytesOf(ID), sizeOf(ID));
  append(at + id, size - id);
}

function append(at: usize, size: u32): void {
  memory.copy(buffer + length, at, size);
  length += size;
}

/** How much of a name is an id. */
function generatedBytes(at: usize, size: u32): u32 {
  if (startsWithIgnoringCase(at, size, GENERATED) || startsWithIgnoringCase(at, size, REPLY_TO)) return size;
  let classes: u32 = 0;
  for (let i: u32 = 0; i < size; i++) classes |= classOf(load<u8>(at + i));
  return idLength(at, size, classes);
}

/** The endpoint that was put together. */
export function namedEndpoint(flow: Flow): u32 {
  return endpointOf(flow, EMPTY, buffer, min(length, MOST_BYTES));
}
