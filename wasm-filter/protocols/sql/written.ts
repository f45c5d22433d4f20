import { copyRoughly } from "../../core/text";

/**
 * The shape of a statement while it is written, token by token: one space between two, none where SQL has none, and lists
 * shortened as soon as they turn out to be ones.
 *
 *     ?, ?, ?                      ?
 *     (?), (?)                     (?)
 *     VALUES (now(), ?), (...)     VALUES (now(), ?)        the rows behind the first are not written
 */
export namespace Kind {
  export const START: u32 = 0;
  /** A name. */
  export const WORD: u32 = 1;
  export const KEYWORD: u32 = 2;
  /** What stands for a literal, or for several. */
  export const VALUE: u32 = 3;
  export const OPEN: u32 = 4;
  export const CLOSE: u32 = 5;
  /** Closes what holds nothing but values. */
  export const GROUP: u32 = 6;
  export const COMMA: u32 = 7;
  /** "." and "::", which stand between names without spaces. */
  export const JOINT: u32 = 8;
  export const OPERATOR: u32 = 9;
  /** An operator in front of its only operand: "@" of a variable. */
  export const PREFIX: u32 = 10;
  export const SEMICOLON: u32 = 11;
}

/** The longest shape; what is longer ends with CUT. As many bytes as core keeps of a name. */
const LONGEST: u32 = 255;
const CUT = memory.data<u8>([0xe2, 0x80, 0xa6]);
const CUT_BYTES: u32 = 3;
const PUNCTUATION = memory.data<u8>([0x3f, 0x28, 0x29, 0x2c, 0x3b]);

/** Where the shape lies, and how long it is so far. */
export const written = memory.data(LONGEST + 9, 8);
export let writtenSize: u32 = 0;
/** Nothing more fits. */
export let isFull: bool = false;
/** What was written last, and before it. */
export let last: u32 = Kind.START;
let before: u32 = Kind.START;

/** What stood before the value that was written last, and where the last comma is. */
let beforeValue: u32 = Kind.START;
let commaAt: u32 = 0;
/** Where the comma is that stands between two groups, + 1; 0 = the open group follows none. */
let groupCommaAt: u32 = 0;

/** The rows of VALUES: how deep it stands, and which of them is read. */
namespace Rows {
  export const NONE: u32 = 0;
  export const AWAITED: u32 = 1;
  export const FIRST: u32 = 2;
  export const BETWEEN: u32 = 3;
  /** One that is not written. */
  export const FURTHER: u32 = 4;
}
let depth: u32 = 0;
let rows: u32 = Rows.NONE;
let rowsDepth: u32 = 0;

export function beginWriting(): void {
  writtenSize = 0;
  isFull = false;
  last = before = beforeValue = Kind.START;
  commaAt = groupCommaAt = 0;
  depth = rowsDepth = 0;
  rows = Rows.NONE;
}

/** Writes a name, a keyword or an operator. `isGlued`: nothing stood between it and what was before. */
export function writeToken(kind: u32, at: usize, size: u32, isGlued: bool = false): void {
  if (isOfFurtherRow(kind)) return;
  put(kind, at, size, isGlued);
}

/** The rows of VALUES begin here, unless it is the function of that name. */
export function beginRows(): void {
  if (rows >= Rows.BETWEEN || before == Kind.OPERATOR) return;
  rows = Rows.AWAITED;
  rowsDepth = depth;
}

export function writeValue(): void {
  if (isOfFurtherRow(Kind.VALUE)) return;
  if (last == Kind.VALUE) return;
  if (last == Kind.COMMA && before == Kind.VALUE) {
    writtenSize = commaAt;
    last = Kind.VALUE;
    before = beforeValue;
    return;
  }
  beforeValue = last;
  put(Kind.VALUE, PUNCTUATION, 1, false);
}

export function writeComma(): void {
  if (rows == Rows.BETWEEN && depth == rowsDepth) {
    rows = Rows.FURTHER;
    return;
  }
  if (isOfFurtherRow(Kind.COMMA)) return;
  commaAt = writtenSize;
  put(Kind.COMMA, PUNCTUATION + 3, 1, false);
}

export function writeOpen(): void {
  depth++;
  if (rows == Rows.FURTHER) return;
  if (rows == Rows.AWAITED) rows = Rows.FIRST;
  else if (rows == Rows.BETWEEN) rows = Rows.NONE;
  groupCommaAt = last == Kind.COMMA && before == Kind.GROUP ? commaAt + 1 : 0;
  put(Kind.OPEN, PUNCTUATION + 1, 1, false);
}

export function writeClose(): void {
  if (depth) depth--;
  const isRow = depth == rowsDepth && (rows == Rows.FIRST || rows == Rows.FURTHER);
  const isHidden = rows == Rows.FURTHER;
  if (isRow) rows = Rows.BETWEEN;
  if (isHidden) return;
  const isGroup = last == Kind.VALUE && before == Kind.OPEN;
  if (isGroup && groupCommaAt) {
    writtenSize = groupCommaAt - 1;
    last = Kind.GROUP;
    before = Kind.START;
    return;
  }
  put(isGroup ? Kind.GROUP : Kind.CLOSE, PUNCTUATION + 2, 1, false);
}

export function writeSemicolon(): void {
  rows = Rows.NONE;
  depth = 0;
  if (last != Kind.SEMICOLON && last != Kind.START) put(Kind.SEMICOLON, PUNCTUATION + 4, 1, false);
}

/** Takes back a semicolon that nothing follows, and marks what is not complete. */
export function endWriting(isCut: bool): void {
  if (last == Kind.SEMICOLON && !isFull) writtenSize--;
  if (!isCut && !isFull) return;
  memory.copy(written + writtenSize, CUT, CUT_BYTES);
  writtenSize += CUT_BYTES;
}

/** Whether a token is not to be written: it belongs to a row behind the first. */
function isOfFurtherRow(kind: u32): bool {
  if (rows == Rows.FURTHER) {
    // The list is over where a comma is followed by something that is no row.
    if (depth > rowsDepth || kind == Kind.COMMA) return true;
    rows = Rows.NONE;
  } else if ((rows == Rows.BETWEEN && depth == rowsDepth) || rows == Rows.AWAITED) {
    rows = Rows.NONE;
  }
  return false;
}

function put(kind: u32, at: usize, size: u32, isGlued: bool): void {
  const space = u32(!isGlued && needsSpace(kind));
  if (isFull || writtenSize + space + size + CUT_BYTES > LONGEST) {
    isFull = true;
    return;
  }
  if (space) store<u8>(written + writtenSize++, 32);
  copyRoughly(written + writtenSize, at, size);
  writtenSize += size;
  before = last;
  last = kind;
}

function needsSpace(kind: u32): bool {
  if (last == Kind.START || last == Kind.OPEN || last == Kind.JOINT || last == Kind.PREFIX) return false;
  if (kind == Kind.OPEN) return last != Kind.WORD;
  return kind != Kind.COMMA && kind != Kind.CLOSE && kind != Kind.GROUP && kind != Kind.JOINT && kind != Kind.SEMICOLON;
}
