import { hash, text } from "../../core/text";
import { u32be } from "../../packet/bytes";
import { ask, newest } from "../../packet/exchanges";
import { Flow, Side, pass } from "../../packet/flow";
import { streamMicros } from "../../packet/stream-time";
import { endpointOfKept, endpointOfText, endpointOfWritten } from "../sql/endpoints";
import { keepShape } from "../sql/kept";
import { Dialect, writeShape } from "../sql/shape";
import { removeStatement, setStatement, statementIn, takeTable } from "../sql/statements";
import { written, writtenSize } from "../sql/written";
import { Conversation, HEADER, Phase, Tag, lost, wholeSize } from "./conversation";
import { isType, textSize } from "./messages";

/** So much of a query is looked at, and so much of what has names only. Below BLOCK_BYTES. */
const SHOWN: u32 = 8192;
const NAMES_SHOWN: u32 = 512;

const FUNCTION_CALL = text("FUNCTION CALL");
/** Names of portals and of statements are told apart by this. */
const PORTAL: u64 = 0x5555555555555555;
const B: u32 = 0x42;
const C: u32 = 0x43;
const E: u32 = 0x45;
const F: u32 = 0x46;
const P: u32 = 0x50;
const Q: u32 = 0x51;
const S: u32 = 0x53;

/** Takes messages of a client, as many as are there. */
export function takeClient(flow: Flow, conversation: Conversation, at: usize, size: u32): u32 {
  let used: u32 = 0;
  while (size - used >= HEADER && conversation.clientPhase == Phase.MESSAGES) {
    const step = takeOne(flow, conversation, at + used, size - used);
    if (!step) break;
    used += step;
  }
  return used;
}

function takeOne(flow: Flow, conversation: Conversation, at: usize, size: u32): u32 {
  const type: u32 = load<u8>(at);
  const whole = wholeSize(u32be(at + 1));
  if (!whole || !isType(Side.CLIENT, type)) return lost(flow, Side.CLIENT, size);
  const shown = min(whole, bytesShown(type));
  if (size < shown) {
    conversation.needs = whole;
    conversation.needsType = <u8>type;
    return 0;
  }
  conversation.needs = 0;
  take(flow, conversation, type, at, min(whole, size));
  if (whole > size && (type == Q || type == F)) conversation.clientPhase = <u8>Phase.TAIL;
  return pass(flow, Side.CLIENT, whole, size);
}

/** How much of a message must be there before it is taken. */
function bytesShown(type: u32): u32 {
  if (type == Q || type == P) return SHOWN;
  return type == B || type == C || type == E ? NAMES_SHOWN : HEADER;
}

function take(flow: Flow, conversation: Conversation, type: u32, at: usize, size: u32): void {
  const length = u32be(at + 1);
  const body = at + HEADER;
  const bodySize = size - HEADER;
  switch (type) {
    case Q:
      takeQuery(conversation, body, bodySize, length == size - 1);
      askBatch(flow, conversation, endpointOfWritten(flow));
      break;
    case F:
      askBatch(flow, conversation, endpointOfText(flow, FUNCTION_CALL));
      break;
    case P:
      takeParse(conversation, body, bodySize, length == size - 1);
      break;
    case B:
      takeBind(conversation, body, bodySize);
      break;
    case E:
      askOne(flow, conversation, endpointOfKept(flow, referenceTo(conversation, body, bodySize, PORTAL)), Tag.EXECUTE);
      break;
    case C:
      takeClose(conversation, body, bodySize);
      break;
    case S:
      conversation.clientBatch++;
      break;
  }
}

/** What remained of a query has passed. */
export function endTail(flow: Flow, conversation: Conversation): void {
  const exchange = newest(flow);
  if (exchange) exchange.micros = streamMicros;
  conversation.clientPhase = <u8>Phase.MESSAGES;
}

/** A message was cut in the capture of which only the first bytes are known: what it asked is not. */
export function takeCut(flow: Flow, conversation: Conversation, type: u32): void {
  conversation.needs = 0;
  if (type == Q) askBatch(flow, conversation, endpointOfKept(flow, 0));
  else if (type == E) askOne(flow, conversation, endpointOfKept(flow, 0), Tag.EXECUTE);
}

function askBatch(flow: Flow, conversation: Conversation, endpoint: u32): void {
  askOne(flow, conversation, endpoint, Tag.QUERY);
  conversation.clientBatch++;
}

function askOne(flow: Flow, conversation: Conversation, endpoint: u32, tag: u32): void {
  if (flow.oldest) conversation.isPipelined = 1;
  ask(flow, endpoint, tag, conversation.clientBatch);
}

/** Writes the shape of a query: a text, and the 0 that ends it. */
function takeQuery(conversation: Conversation, at: usize, size: u32, isWhole: bool): void {
  const ended = textSize(at, size);
  writeShape(at, ended ? ended - 1 : size, Dialect.POSTGRESQL, conversation.backslash, isWhole);
}

function takeParse(conversation: Conversation, at: usize, size: u32, isWhole: bool): void {
  const name = textSize(at, size);
  if (!name) return;
  takeQuery(conversation, at + name, size - name, isWhole);
  const reference = keepShape(written, writtenSize);
  conversation.parsed = reference;
  conversation.parsedBatch = conversation.clientBatch;
  conversation.parsedMicros = streamMicros;
  setReference(conversation, at, name, 0, reference);
}

/** A portal executes a statement: both are named, or have the empty name. */
function takeBind(conversation: Conversation, at: usize, size: u32): void {
  const portal = textSize(at, size);
  if (!portal) return;
  setReference(conversation, at, portal, PORTAL, referenceTo(conversation, at + portal, size - portal, 0));
}

function takeClose(conversation: Conversation, at: usize, size: u32): void {
  if (size < 2) return;
  const name = textSize(at + 1, size - 1);
  if (name > 1) removeStatement(conversation.named, keyOf(at + 1, name, load<u8>(at) == P ? PORTAL : 0));
}

/** The shape of a statement or portal by its name; 0 where it is not known. */
function referenceTo(conversation: Conversation, at: usize, size: u32, kind: u64): u32 {
  const name = textSize(at, size);
  if (!name) return 0;
  if (name == 1) return kind ? conversation.unnamedPortal : conversation.unnamedStatement;
  return statementIn(conversation.named, keyOf(at, name, kind));
}

function setReference(conversation: Conversation, at: usize, name: u32, kind: u64, reference: u32): void {
  if (name == 1) {
    if (kind) conversation.unnamedPortal = reference;
    else conversation.unnamedStatement = reference;
    return;
  }
  if (!conversation.named) conversation.named = takeTable();
  if (conversation.named) setStatement(conversation.named, keyOf(at, name, kind), reference);
}

function keyOf(at: usize, name: u32, kind: u64): u64 {
  return hash(at, name) ^ kind;
}
