/** The types of RESP2 and RESP3, each known by the first byte of its elements. */
export namespace Type {
  export const SIMPLE: u32 = 0x2b; // +
  export const ERROR: u32 = 0x2d; // -
  export const NUMBER: u32 = 0x3a; // :
  export const BULK: u32 = 0x24; // $
  export const ARRAY: u32 = 0x2a; // *
  export const NULL: u32 = 0x5f; // _
  export const BOOLEAN: u32 = 0x23; // #
  export const DOUBLE: u32 = 0x2c; // ,
  export const BIG_NUMBER: u32 = 0x28; // (
  export const BULK_ERROR: u32 = 0x21; // !
  export const VERBATIM: u32 = 0x3d; // =
  export const MAP: u32 = 0x25; // %
  export const SET: u32 = 0x7e; // ~
  export const ATTRIBUTE: u32 = 0x7c; // |
  export const PUSH: u32 = 0x3e; // >
}

/** How the elements of a type are written. */
export namespace Form {
  export const NONE: u32 = 0;
  /** Up to the end of the line. */
  export const LINE: u32 = 1;
  /** A length, and so many bytes. */
  export const BULK: u32 = 2;
  /** A number, and so many elements; of a map and of attributes twice as many. */
  export const AGGREGATE: u32 = 3;
}

export function formOf(type: u32): u32 {
  switch (type) {
    case Type.SIMPLE:
    case Type.ERROR:
    case Type.NUMBER:
    case Type.NULL:
    case Type.BOOLEAN:
    case Type.DOUBLE:
    case Type.BIG_NUMBER:
      return Form.LINE;
    case Type.BULK:
    case Type.BULK_ERROR:
    case Type.VERBATIM:
      return Form.BULK;
    default:
      return isAggregate(type) ? Form.AGGREGATE : Form.NONE;
  }
}

function isAggregate(type: u32): bool {
  return type == Type.ARRAY || type == Type.MAP || type == Type.SET || type == Type.ATTRIBUTE || type == Type.PUSH;
}
