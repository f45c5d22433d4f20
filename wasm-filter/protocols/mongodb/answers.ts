import { Outcome } from "../../core/counters";
import { Loss, lose } from "../../core/losses";
import { Text, equals, text } from "../../core/text";
import { abandon, answer, answerUnasked, oldest, waitingFor } from "../../packet/exchanges";
import { Flow } from "../../packet/flow";
import { Read, Type, elementBytes, elementType, isNumber, nameAt, nameSize, numberValue, readElement } from "./bson";
import { failure } from "./outcome";
import { Inside, Known, Part, Phase } from "./part";
import { REST, Tag, WAIT } from "./requests";

/** Flags of OP_REPLY. */
const CURSOR_NOT_FOUND_FLAG: u32 = 1;
const FAILED_FLAG: u32 = 2;
const CURSOR_NOT_FOUND: u32 = 43;

const OK = text("ok");
const CODE = text("code");
const WRITE_ERRORS = text("writeErrors");
const CONCERN_ERROR = text("writeConcernError");
/** The number of a document, the length of it. */
const DOCUMENT_HEAD: u32 = 4;

/** Learns from the flags of OP_REPLY what came of a request; its documents matter only to commands, and where it failed. */
export function readReplyFlags(flow: Flow, part: Part, flags: u32, documents: u32): void {
  const exchange = waitingFor(flow, part.answers);
  if (flags & CURSOR_NOT_FOUND_FLAG) part.code = CURSOR_NOT_FOUND;
  if (flags & (CURSOR_NOT_FOUND_FLAG | FAILED_FLAG)) part.known |= <u8>Known.FAILED;
  const isRead = (flags & FAILED_FLAG) != 0 || (exchange != null && exchange.tag == Tag.COMMAND);
  part.phase = <u8>(isRead && documents ? Phase.BODY : Phase.END);
}

/** Reads an element of an answer. */
export function readResult(part: Part, at: usize, size: u32): u32 {
  const read = readElement(at, size, part.left);
  if (read == Read.MORE) return WAIT;
  if (read == Read.BAD) {
    part.known |= <u8>Known.UNCLEAR;
    return REST;
  }
  if (elementType == Type.END) return leaveDocument(part);
  const inside: u32 = part.inside;
  if (inside == Inside.ERRORS) {
    if (elementType != Type.DOCUMENT || part.code) return elementBytes;
    part.inside = <u8>Inside.FIRST_ERROR;
    return nameSize + 2 + DOCUMENT_HEAD;
  }
  if (inside == Inside.TOP && elementType == Type.ARRAY && isNamed(WRITE_ERRORS)) return enter(part, Inside.ERRORS);
  if (inside == Inside.TOP && elementType == Type.DOCUMENT && isNamed(CONCERN_ERROR)) {
    return enter(part, Inside.ONE_ERROR);
  }
  const isCode = isNamed(CODE);
  if (!isNumber() || !(isCode || (inside == Inside.TOP && isNamed(OK)))) return elementBytes;
  if (elementBytes > size) return WAIT;
  const value = numberValue();
  if (isCode) part.code = value > 0 && value < 65536 ? <u32>value : 0;
  else if (value == 0) part.known |= <u8>Known.FAILED;
  return elementBytes;
}

function isNamed(name: Text): bool {
  return equals(nameAt, nameSize, name);
}

/** Goes into a value that is there only where something went wrong. */
function enter(part: Part, inside: u32): u32 {
  part.inside = <u8>inside;
  part.known |= <u8>Known.FAILED;
  return nameSize + 2 + DOCUMENT_HEAD;
}

function leaveDocument(part: Part): u32 {
  if (part.inside == Inside.TOP) return REST;
  part.inside = <u8>(part.inside == Inside.FIRST_ERROR ? Inside.ERRORS : Inside.TOP);
  return 1;
}

/** The last byte of an answer has come. */
export function endAnswer(flow: Flow, part: Part): void {
  const known: u32 = part.known;
  const isFollower = part.followed != 0 && part.answers == part.followed;
  // An exhaust cursor goes on answering by itself, each time to its last answer.
  part.followed = known & Known.MORE_TO_COME ? part.id : isFollower ? 0 : part.followed;
  if (isFollower) return;
  const exchange = waitingFor(flow, part.answers);
  if (known & Known.UNCLEAR && !(known & Known.FAILED)) lose(Loss.ATTRIBUTES_MISSING);
  const outcome = known & Known.FAILED ? failure(part.code) : Outcome.SUCCESS;
  const code = known & Known.FAILED ? part.code : 0;
  if (!exchange) return answerUnasked(flow, outcome, code);
  // A client waits for each answer: what it asked before and has none was answered while we did not look.
  if (part.missed) while (oldest(flow) != exchange) abandon(flow);
  part.missed = 0;
  answer(flow, exchange, outcome, code);
}
