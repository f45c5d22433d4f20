import { OTHER, EMPTY } from "../../core/strings";
import { Text, bytesOf, equals, isSame, sizeOf, text } from "../../core/text";
import { Exchange, ask, endpointNamed, endpointOf } from "../../packet/exchanges";
import { Flow } from "../../packet/flow";

/**
 * Endpoints of commands: "find orders". The name of a command is one of its protocol; what stands behind it is shown only where
 * it is the name of a collection, and not that of a user, a log or anything else that a client may write there.
 */
const WITH_COLLECTION = text(
  " find insert update delete aggregate count distinct findAndModify findandmodify getMore create drop createIndexes " +
    "listIndexes dropIndexes deleteIndexes collMod collStats collstats validate reIndex killCursors mapReduce mapreduce compact " +
    "planCacheClear planCacheListFilters convertToCapped ",
);
export const GET_MORE = text("getMore");
const COLLECTION = text("collection");
const QUERY = text("$query");
const PLAIN_QUERY = text("query");

const LONGEST_COMMAND: u32 = 40;
export const LONGEST_COLLECTION: u32 = 200;
const SPACE: u8 = 32;

/** The endpoint that is being put together: a space, the command, a space, the collection. */
const buffer = memory.data(256, 8);
let length: u32 = 0;

/** Begins an endpoint with a command of this name; false where it is no name that a command may have. */
export function startCommand(at: usize, size: u32): bool {
  length = 0;
  if (!size || size > LONGEST_COMMAND) return false;
  for (let i: u32 = 0; i < size; i++) {
    const byte: u32 = load<u8>(at + i);
    if ((byte | 0x20) - 97 >= 26 && byte - 48 >= 10 && byte != 0x5f) return false;
  }
  append(at, size);
  return true;
}

export function startCommandNamed(name: Text): void {
  length = 0;
  append(bytesOf(name), sizeOf(name));
}

function append(at: usize, size: u32): void {
  store<u8>(buffer + length, SPACE);
  memory.copy(buffer + length + 1, at, size);
  length += 1 + size;
}

/** Whether a collection follows the name of the command. */
export function takesCollection(): bool {
  store<u8>(buffer + length, SPACE);
  const size = length + 1;
  const last = sizeOf(WITH_COLLECTION) - size;
  for (let i: u32 = 0; i <= last; i++) if (isSame(bytesOf(WITH_COLLECTION) + i, buffer, size)) return true;
  return false;
}

export function addCollection(at: usize, size: u32): void {
  append(at, min(size, LONGEST_COLLECTION));
}

/** Asks with the endpoint that was put together; one that is not known where there is none. */
export function askCommand(flow: Flow, tag: u32, id: u32): Exchange {
  const endpoint = length ? endpointOf(flow, EMPTY, buffer + 1, length - 1) : endpointNamed(flow, EMPTY, OTHER);
  length = 0;
  return ask(flow, endpoint, tag, id);
}

/** Whether the command is getMore, whose collection is a field of its own. */
export function isGetMore(at: usize, size: u32): bool {
  return equals(at, size, GET_MORE);
}

export function isCollection(at: usize, size: u32): bool {
  return equals(at, size, COLLECTION);
}

/** Whether a name says that the command is in a document of its own, as for a read preference. */
export function isWrapper(at: usize, size: u32): bool {
  return equals(at, size, QUERY) || equals(at, size, PLAIN_QUERY);
}
