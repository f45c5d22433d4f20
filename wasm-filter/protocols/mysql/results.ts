import { Exchange } from "../../packet/exchanges";
import { Flow } from "../../packet/flow";
import { setStatement, takeTable } from "../sql/statements";
import { Conversation, Server, encodedAt } from "./conversation";
import { EOF, FILE, LONGEST_END, LONGEST_EOF, OK, end, endResult, hasCursor, statusOfEof, statusOfOk } from "./server";

/** More columns than a table may have (4,096) come with no result. */
const MOST_COLUMNS: u64 = 65535;
/** An OK to a prepared statement: its number, how many columns it has, and how many parameters. */
const PREPARED_BYTES: u32 = 9;

/** The first packet of a result: OK, the wish for a file, or the number of columns. */
export function takeFirstOfResult(
  flow: Flow,
  conversation: Conversation,
  exchange: Exchange,
  at: usize,
  length: u32,
): bool {
  const first: u32 = load<u8>(at);
  if (first == OK) {
    endResult(flow, conversation, exchange, statusOfOk(at, length));
    return true;
  }
  if (first == FILE) {
    conversation.isFile = 1;
    return true;
  }
  if (first == EOF && length <= LONGEST_EOF) {
    endResult(flow, conversation, exchange, statusOfEof(at, length));
    return true;
  }
  const columns = encodedAt(at);
  if (length > 10 || !columns || columns > MOST_COLUMNS) return false;
  // Where the columns are known from before, a 0 says that they do not come.
  const isKnown = length == 2 && !load<u8>(at + 1);
  conversation.left = isKnown ? 0 : <u32>columns;
  conversation.server = <u8>(isKnown ? Server.BEHIND_COLUMNS : Server.COLUMNS);
  return true;
}

export function takeColumns(conversation: Conversation): bool {
  if (!--conversation.left) conversation.server = <u8>Server.BEHIND_COLUMNS;
  return true;
}

/** A row, or the end of them: an EOF, or since MySQL 5.7 an OK that begins like one. */
export function takeRow(flow: Flow, conversation: Conversation, exchange: Exchange, at: usize, length: u32): bool {
  const isBehindColumns = conversation.server == Server.BEHIND_COLUMNS;
  conversation.server = <u8>Server.ROWS;
  if (load<u8>(at) != EOF || length > LONGEST_END) return true;
  const isEof = length <= LONGEST_EOF;
  const status = isEof ? statusOfEof(at, length) : statusOfOk(at, length);
  // Of a cursor the rows are fetched by commands of their own.
  if (isBehindColumns && isEof && !hasCursor(status)) return true;
  endResult(flow, conversation, exchange, status);
  return true;
}

/** The answer to a statement that is prepared: from now on it is known by a number. */
export function takePrepared(flow: Flow, conversation: Conversation, exchange: Exchange, at: usize, length: u32): bool {
  if (load<u8>(at) != OK || length < PREPARED_BYTES) return false;
  keepStatement(conversation, exchange, at, length);
  conversation.left = <u32>load<u16>(at + 5) + load<u16>(at + 7);
  if (conversation.left) conversation.server = <u8>Server.DEFINITIONS;
  else end(flow, conversation, exchange);
  return true;
}

/** Keeps the number of a statement that was prepared. */
export function keepStatement(conversation: Conversation, exchange: Exchange, at: usize, size: u32): void {
  if (size < PREPARED_BYTES) return;
  if (!conversation.named) conversation.named = takeTable();
  if (conversation.named) setStatement(conversation.named, load<u32>(at + 1), exchange.more);
}

/** A parameter or a column; an EOF may stand between the two, and behind the last. */
export function takeDefinition(
  flow: Flow,
  conversation: Conversation,
  exchange: Exchange,
  at: usize,
  length: u32,
): bool {
  if (load<u8>(at) == EOF && length <= LONGEST_EOF) return true;
  if (!--conversation.left) end(flow, conversation, exchange);
  return true;
}
