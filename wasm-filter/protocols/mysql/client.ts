import { text } from "../../core/text";
import { EMPTY, OTHER } from "../../core/strings";
import { ask, endpointNamed, newest, oldest } from "../../packet/exchanges";
import { Flow, Side, UNDETECTED, pass } from "../../packet/flow";
import { streamMicros } from "../../packet/stream-time";
import { handOver } from "../../packet/streams";
import { endpointOfKept, endpointOfText, endpointOfWritten, endpointOfWrittenAs } from "../sql/endpoints";
import { keepShape } from "../sql/kept";
import { Dialect, writeShape } from "../sql/shape";
import { removeStatement, statementIn } from "../sql/statements";
import { written, writtenSize } from "../sql/written";
import { UNKNOWN, attributesSize } from "./attributes";
import { Answer, Command, answerTo, nameOf } from "./commands";
import { Client, Conversation, HEADER, LONGEST, Server, lengthAt, lost } from "./conversation";

/** So much of a statement is looked at, and of any other command. Below BLOCK_BYTES. */
const SHOWN: u32 = 8192;
const HEAD_SHOWN: u32 = 16;

const SSL: u32 = 0x800;
/** A client that wants TLS sends the beginning of its answer to the greeting only. */
const SSL_REQUEST: u32 = 32;
const PREPARE = text("PREPARE");
/** In place of the number of a statement: the one that was prepared last (MariaDB). */
const LAST: u32 = u32.MAX_VALUE;

/** Takes the answer to the greeting. */
export function takeLogin(flow: Flow, conversation: Conversation, at: usize, size: u32): u32 {
  const whole = HEADER + lengthAt(at);
  if (size < min(whole, HEADER + 4)) return 0;
  const capabilities: u32 = load<u32>(at + HEADER);
  if (whole <= HEADER + SSL_REQUEST && capabilities & SSL) {
    // TLS follows, which is told by its content.
    handOver(flow, UNDETECTED);
    return min(whole, size);
  }
  conversation.capabilities &= capabilities;
  conversation.client = <u8>Client.COMMANDS;
  return pass(flow, Side.CLIENT, whole, size);
}

/** Takes packets of a client, as many as are there. */
export function takeClient(flow: Flow, conversation: Conversation, at: usize, size: u32): u32 {
  let used: u32 = 0;
  while (size - used >= HEADER && conversation.client == Client.COMMANDS) {
    const packet = at + used;
    const isCommand = !conversation.clientContinues && !conversation.isFile && !load<u8>(packet + 3);
    const step = isCommand
      ? takeCommand(flow, conversation, packet, size - used)
      : takeMore(flow, conversation, packet, size - used);
    if (!step) break;
    used += step;
  }
  return used;
}

/** A packet that is no command: one that goes on, one of a file, or a secret. */
function takeMore(flow: Flow, conversation: Conversation, at: usize, size: u32): u32 {
  const length = lengthAt(at);
  if (conversation.clientContinues) {
    conversation.clientContinues = u8(length == LONGEST);
    if (HEADER + length > size) conversation.client = <u8>Client.TAIL;
    else endTail(flow, conversation);
  } else if (conversation.isFile) {
    if (!length) conversation.isFile = 0;
  } else if (conversation.server != Server.LOGIN && !isLoggingIn(flow)) {
    return lost(flow, Side.CLIENT, size);
  }
  return pass(flow, Side.CLIENT, HEADER + length, size);
}

function isLoggingIn(flow: Flow): bool {
  const exchange = oldest(flow);
  return exchange != null && exchange.tag == Answer.LOGIN;
}

function takeCommand(flow: Flow, conversation: Conversation, at: usize, size: u32): u32 {
  const length = lengthAt(at);
  if (size == HEADER && length) return 0;
  const command: u32 = load<u8>(at + HEADER);
  const answer = answerTo(command);
  if (!length || answer == Answer.UNKNOWN) return lost(flow, Side.CLIENT, size);
  const whole = HEADER + length;
  const shown = min(whole, command == Command.QUERY || command == Command.PREPARE ? SHOWN : HEAD_SHOWN);
  if (size < shown) {
    conversation.needs = whole;
    conversation.needsCommand = <u8>command;
    return 0;
  }
  conversation.needs = 0;
  conversation.clientContinues = u8(length == LONGEST);
  take(flow, conversation, command, at + HEADER + 1, min(whole, size) - HEADER - 1, whole <= size);
  if (whole > size && answer != Answer.NONE) conversation.client = <u8>Client.TAIL;
  return pass(flow, Side.CLIENT, whole, size);
}

/** Takes a command, of whose text `size` bytes are there. */
export function take(flow: Flow, conversation: Conversation, command: u32, at: usize, size: u32, isWhole: bool): void {
  switch (command) {
    case Command.QUERY:
      askFor(flow, conversation, command, takeQuery(flow, conversation, at, size, isWhole));
      break;
    case Command.PREPARE:
      writeShape(at, size, Dialect.MYSQL, conversation.backslash, isWhole);
      conversation.prepared = keepShape(written, writtenSize);
      askFor(flow, conversation, command, endpointOfWrittenAs(flow, PREPARE));
      break;
    case Command.EXECUTE:
    case Command.BULK_EXECUTE:
      askFor(
        flow,
        conversation,
        command,
        endpointOfKept(flow, size < 4 ? 0 : referenceTo(conversation, load<u32>(at))),
      );
      break;
    case Command.CLOSE:
      if (size >= 4) removeStatement(conversation.named, load<u32>(at));
      break;
    default:
      if (answerTo(command) != Answer.NONE) askFor(flow, conversation, command, endpointOfText(flow, nameOf(command)));
  }
}

function askFor(flow: Flow, conversation: Conversation, command: u32, endpoint: u32): void {
  conversation.mayEnd = 0;
  const exchange = ask(flow, endpoint, answerTo(command));
  if (command == Command.PREPARE) exchange.more = conversation.prepared;
}

/** The endpoint of a query. */
function takeQuery(flow: Flow, conversation: Conversation, at: usize, size: u32, isWhole: bool): u32 {
  const attributes = attributesSize(at, size);
  if (attributes == UNKNOWN) return endpointNamed(flow, EMPTY, OTHER);
  writeShape(at + attributes, size - attributes, Dialect.MYSQL, conversation.backslash, isWhole);
  return endpointOfWritten(flow);
}

/** The shape of a statement by its number; 0 where it is not known. */
function referenceTo(conversation: Conversation, number: u32): u32 {
  return number == LAST ? conversation.prepared : statementIn(conversation.named, number);
}

/** What remained of a command has passed. */
export function endTail(flow: Flow, conversation: Conversation): void {
  const exchange = newest(flow);
  if (exchange) exchange.micros = streamMicros;
  conversation.client = <u8>Client.COMMANDS;
}

/** A command was cut in the capture of which only the first bytes are known: what it asked is not. */
export function takeCut(flow: Flow, conversation: Conversation): void {
  const command: u32 = conversation.needsCommand;
  conversation.needs = 0;
  if (answerTo(command) != Answer.NONE) askFor(flow, conversation, command, endpointNamed(flow, EMPTY, OTHER));
}
