/**
 * The shape of a statement: its text without what varies from one execution to the next. It is what databases' own tools
 * group statements by (pg_stat_statements, the digests of MySQL's performance_schema):
 *
 *     select * from t where id in (1, 2, 3)  -- page 7        SELECT * FROM t WHERE id IN (?)
 *     INSERT INTO t (a,b) VALUES (1,'x'),(2,'y')              INSERT INTO t(a, b) VALUES (?)
 *
 * Literals of all kinds and placeholders become "?", lists of them one "?"; comments go, white space is one space or none,
 * keywords are in capitals (keywords.ts); names stay as they are written. At most 255 bytes, with "…" where more was there.
 *
 * Where it cannot be told whether something is a literal it is taken for one: a string that does not end, a quoted name that
 * does not look like a name, whatever follows an ambiguous backslash, and what begins with no verb of SQL.
 */
import { Backslash, commentEnd, commentLineEnd, dollarQuotedEnd, quotedEnd } from "./quoted";
import { capitals, isKeyword, isVerb } from "./keywords";
import { Kind, beginRows, beginWriting, endWriting, isFull, last, writtenSize } from "./written";
import { writeClose, writeComma, writeOpen, writeSemicolon, writeToken, writeValue } from "./written";

/** Whose SQL it is. */
export namespace Dialect {
  export const POSTGRESQL: u32 = 0;
  export const MYSQL: u32 = 1;
}

const QUOTE: u32 = 0x27;
const DOUBLE_QUOTE: u32 = 0x22;
const BACKTICK: u32 = 0x60;
const DOLLAR: u32 = 0x24;
const DOT: u32 = 0x2e;
const COLON: u32 = 0x3a;
const AT: u32 = 0x40;
const DASH: u32 = 0x2d;
const PLUS: u32 = 0x2b;
const SLASH: u32 = 0x2f;
const STAR: u32 = 0x2a;
const HASH: u32 = 0x23;
const QUESTION: u32 = 0x3f;
const UNDERSCORE: u32 = 0x5f;
/** The first four letters of words, as a number. */
const TRUE: u32 = 0x45555254;
const FALS: u32 = 0x534c4146;
const NULL: u32 = 0x4c4c554e;
const IS: u32 = 0x5349;
const NOT: u32 = 0x544f4e;
const SET: u32 = 0x544553;
const DEFA: u32 = 0x41464544;
const VALU: u32 = 0x554c4156;
/** Names in quotes are at most so long in either database. */
const LONGEST_NAME: usize = 66;

let isMysql: bool = false;
let backslash: u32 = 0;
/** The same for a string that comes next: one behind an E'' is part of it. */
let nextBackslash: u32 = 0;
let end: usize = 0;
/** The text goes on behind `end`. */
let isCut: bool = false;
/** The first four letters of the last keyword. */
let lastKeyword: u32 = 0;
/** Where the last operator ended: the next one may belong to it. */
let operatorEnd: usize = 0;

/**
 * Writes the shape of a statement to `written`.
 *
 * @param escapes What backslashes do (Backslash).
 * @param isWhole Whether it ends where `size` says; else its last word may be incomplete and is left out.
 * @returns its size
 */
export function writeShape(at: usize, size: u32, dialect: u32, escapes: u32, isWhole: bool): u32 {
  isMysql = dialect == Dialect.MYSQL;
  backslash = nextBackslash = escapes;
  end = at + size;
  isCut = !isWhole;
  operatorEnd = 0;
  beginWriting();
  while (at < end && !isFull) at = takeToken(at);
  endWriting(isCut);
  return writtenSize;
}

function takeToken(at: usize): usize {
  const byte: u32 = load<u8>(at);
  if (byte <= 32 || byte == 0x7f) return at + 1;
  if (byte == QUOTE) return takeString(at, nextBackslash);
  if (isLetter(byte)) {
    nextBackslash = backslash;
    return takeWord(at);
  }
  const comment = commentBehind(at, byte);
  if (comment) return comment;
  nextBackslash = backslash;
  if (isDigit(byte) || (byte == DOT && last != Kind.WORD && isDigit(byteAt(at + 1)))) return takeNumber(at);
  if (byte == DOUBLE_QUOTE || byte == BACKTICK) return takeQuoted(at, byte);
  return byte == DOLLAR ? takeDollar(at) : takePunctuation(at, byte);
}

/** A byte of the text, 0 behind its end. */
function byteAt(at: usize): u32 {
  return at < end ? <u32>load<u8>(at) : 0;
}

function isLetter(byte: u32): bool {
  return (byte | 0x20) - 97 < 26 || byte == 0x5f || byte >= 0x80;
}

function isDigit(byte: u32): bool {
  return byte - 48 < 10;
}

function takeWord(at: usize): usize {
  const to = wordEnd(at + 1);
  const size = <u32>(to - at);
  if (to == end && isCut) return end;
  const behind = prefixed(at, size);
  if (behind) return behind;
  if (last == Kind.START || last == Kind.SEMICOLON) return takeVerb(at, size);
  if (last == Kind.JOINT || last == Kind.PREFIX || !isKeyword(at, size)) {
    writeToken(Kind.WORD, at, size);
    return to;
  }
  if (isConstant(size)) {
    writeValue();
    return to;
  }
  writeKeyword(size);
  return to;
}

/** The first byte from `at` on that is no letter, no digit and no "$"; looks at sixteen at a time. */
function wordEnd(at: usize): usize {
  for (; at < end; at += 16) {
    const bytes = v128.load(at);
    const small = v128.or(bytes, i8x16.splat(32));
    const letters = i8x16.lt_u(i8x16.sub(small, i8x16.splat(97)), i8x16.splat(26));
    const digits = i8x16.lt_u(i8x16.sub(bytes, i8x16.splat(48)), i8x16.splat(10));
    const others = v128.or(i8x16.eq(bytes, i8x16.splat(<i8>UNDERSCORE)), i8x16.eq(bytes, i8x16.splat(<i8>DOLLAR)));
    // The highest bit is looked at, which those of letters beyond ASCII have.
    const mask = i8x16.bitmask(v128.or(v128.or(letters, digits), v128.or(others, bytes)));
    if (mask != 0xffff) return min(at + ctz(~mask), end);
  }
  return end;
}

/** The first word of a statement. What begins with none that is known is no SQL: all of it is left out. */
function takeVerb(at: usize, size: u32): usize {
  if (isVerb(at, size)) {
    writeKeyword(size);
    return at + size;
  }
  writeValue();
  return end;
}

/** Writes the word at `capitals`. Behind VALUES come rows. */
function writeKeyword(size: u32): void {
  writeToken(Kind.KEYWORD, capitals, size);
  lastKeyword = size >= 4 ? load<u32>(capitals) : load<u32>(capitals) & ((1 << (size << 3)) - 1);
  if (lastKeyword == VALU) beginRows();
}

/** Where a string ends that a letter introduces (E'', B'', X'', N'', U&''); 0 where the word is one of its own. */
function prefixed(at: usize, size: u32): usize {
  if (size != 1) return 0;
  const letter: u32 = load<u8>(at) | 0x20;
  let quote = at + 1;
  if (letter == 0x75 && byteAt(quote) == 0x26) quote++;
  else if (letter != 0x62 && letter != 0x78 && letter != 0x6e && (letter != 0x65 || isMysql)) return 0;
  if (byteAt(quote) != QUOTE) return 0;
  return takeString(quote, letter == 0x65 ? Backslash.ESCAPES : backslash);
}

function takeString(at: usize, escapes: u32): usize {
  nextBackslash = escapes;
  writeValue();
  return quotedEnd(at, end, escapes);
}

/** TRUE, FALSE and NULL where a literal may stand: not in IS NULL, NOT NULL, SET NULL, DEFAULT NULL, nor behind a type. */
function isConstant(size: u32): bool {
  const first = load<u32>(capitals);
  const isOne = (size == 4 && (first == TRUE || first == NULL)) || (size == 5 && first == FALS);
  if (!isOne || last == Kind.WORD || last == Kind.CLOSE || last == Kind.GROUP) return false;
  return last != Kind.KEYWORD || (lastKeyword != IS && lastKeyword != NOT && lastKeyword != SET && lastKeyword != DEFA);
}

/** Numbers of all forms: 1, .5, 1e-9, 0x1f, 1_000. */
function takeNumber(at: usize): usize {
  let to = at + 1;
  while (to < end) {
    const byte: u32 = load<u8>(to);
    const isSign = (byte == DASH || byte == PLUS) && (load<u8>(to - 1) | 0x20) == 0x65 && isDigit(byteAt(to + 1));
    if (!isSign && !isLetter(byte) && !isDigit(byte) && byte != DOT) break;
    to++;
  }
  writeValue();
  return to;
}

/** "name"; in MySQL "string", and `name`. */
function takeQuoted(at: usize, quote: u32): usize {
  if (quote == BACKTICK && !isMysql) return takePunctuation(at, quote);
  if (quote == DOUBLE_QUOTE && isMysql) return takeString(at, backslash);
  const to = quotedEnd(at, end, Backslash.PLAIN);
  if (looksLikeName(at, to, quote)) writeToken(Kind.WORD, at, <u32>(to - at));
  else writeValue();
  return to;
}

function looksLikeName(at: usize, to: usize, quote: u32): bool {
  if (to - at > LONGEST_NAME || to - at < 3 || load<u8>(to - 1) != quote) return false;
  for (let from = at + 1; from < to - 1; from++) {
    const byte: u32 = load<u8>(from);
    if (!isLetter(byte) && !isDigit(byte) && byte != DOLLAR && byte != DASH && byte != 32) return false;
  }
  return true;
}

/** $1, $tag$string$tag$, or a name of MySQL. */
function takeDollar(at: usize): usize {
  if (isDigit(byteAt(at + 1))) return takeNumber(at);
  const behind: usize = isMysql ? 0 : dollarQuotedEnd(at, end);
  if (!behind) return takeWord(at);
  writeValue();
  return behind;
}

/** Where a comment ends, or what of it is not to be read; 0 where there is none. */
function commentBehind(at: usize, byte: u32): usize {
  const next = byteAt(at + 1);
  if (byte == DASH && next == DASH && (!isMysql || byteAt(at + 2) <= 32)) return commentLineEnd(at, end);
  if (byte == HASH && isMysql) return commentLineEnd(at, end);
  // MySQL executes what stands in /*! */, and MariaDB also what stands in /*M! */.
  if (isMysql && byte == STAR && next == SLASH) return at + 2;
  if (byte != SLASH || next != STAR) return 0;
  const mark = at + 2 + usize(byteAt(at + 2) == 0x4d);
  if (!isMysql || byteAt(mark) != 0x21) return commentEnd(at, end, !isMysql);
  let to = mark + 1;
  while (isDigit(byteAt(to))) to++;
  return to;
}

function takePunctuation(at: usize, byte: u32): usize {
  switch (byte) {
    case 0x28:
      writeOpen();
      break;
    case 0x29:
      writeClose();
      break;
    case 0x2c:
      writeComma();
      break;
    case 0x3b:
      writeSemicolon();
      break;
    case DOT:
    case 0x5b:
      writeToken(Kind.JOINT, at, 1);
      break;
    case 0x5d:
      writeToken(Kind.CLOSE, at, 1);
      break;
    case QUESTION:
      if (isMysql) writeValue();
      else takeOperator(at, byte);
      break;
    default:
      if (byte == COLON && byteAt(at + 1) == COLON) {
        writeToken(Kind.JOINT, at, 2);
        return at + 2;
      }
      takeOperator(at, byte);
  }
  return at + 1;
}

function takeOperator(at: usize, byte: u32): void {
  const isSign = byte == DASH || byte == PLUS;
  // The sign of a number belongs to it.
  if (
    isSign &&
    last != Kind.WORD &&
    last != Kind.VALUE &&
    last != Kind.CLOSE &&
    last != Kind.GROUP &&
    isNumberBehind(at)
  )
    return;
  const isGlued = operatorEnd == at && !isSign;
  operatorEnd = at + 1;
  const isPrefix = byte == AT && isMysql;
  writeToken(isPrefix ? Kind.PREFIX : Kind.OPERATOR, at, 1, isGlued);
}

function isNumberBehind(at: usize): bool {
  do at++;
  while (byteAt(at) == 32);
  return isDigit(byteAt(at)) || (byteAt(at) == DOT && isDigit(byteAt(at + 1)));
}
