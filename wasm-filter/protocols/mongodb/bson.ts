/** Elements of BSON documents (bsonspec.org): type, name, value. Only as much is read as tells where the next one begins. */
export namespace Type {
  export const END: u32 = 0;
  export const DOUBLE: u32 = 1;
  export const STRING: u32 = 2;
  export const DOCUMENT: u32 = 3;
  export const ARRAY: u32 = 4;
  export const BOOLEAN: u32 = 8;
  export const INT32: u32 = 16;
  export const INT64: u32 = 18;
}

/** What the reading of an element came to. */
export namespace Read {
  export const DONE: u32 = 0;
  /** It is not all there. */
  export const MORE: u32 = 1;
  /** It is none, or one that is too long to be looked at. */
  export const BAD: u32 = 2;
}

const LONGEST_NAME: u32 = 256;

/** Of the element that was read last. */
export let elementType: u32 = 0;
export let nameAt: usize = 0;
export let nameSize: u32 = 0;
export let valueAt: usize = 0;
/** Bytes of all of it; its value may reach far behind what is there. */
export let elementBytes: u32 = 0;

/** Bytes of values by type; LENGTH: a length comes first. */
const LENGTH: u32 = 200;
const NONE: u32 = 201;
const sizes = memory.data<u8>([0, 8, 200, 200, 200, 200, 0, 12, 1, 8, 0, 201, 200, 200, 200, 200, 4, 8, 8, 16]);
const LAST_TYPE: u32 = 19;

/**
 * Reads the element that begins here, and is none of more than `left` bytes.
 *
 * @param size How many of them are there.
 */
export function readElement(at: usize, size: u32, left: u32): u32 {
  const there = min(size, left);
  if (!there) return left ? Read.MORE : Read.BAD;
  const short = there == left ? Read.BAD : Read.MORE;
  elementType = load<u8>(at);
  elementBytes = 1;
  if (elementType == Type.END) return Read.DONE;
  nameAt = at + 1;
  nameSize = 0;
  while (nameSize + 1 < there && load<u8>(nameAt + nameSize)) nameSize++;
  if (nameSize + 1 == there) return there > LONGEST_NAME ? Read.BAD : short;
  valueAt = nameAt + nameSize + 1;
  elementBytes = nameSize + 2;
  const isEdge = elementType == 0xff || elementType == 0x7f;
  const bytes: u32 = isEdge ? 0 : elementType > LAST_TYPE ? NONE : load<u8>(sizes + elementType);
  if (bytes == NONE) return Read.BAD;
  if (bytes != LENGTH) {
    elementBytes += bytes;
  } else {
    if (elementBytes + 4 > there) return short;
    const length = load<u32>(valueAt);
    if (length > left) return Read.BAD;
    elementBytes += valueBytes(length);
  }
  return elementBytes > left ? Read.BAD : Read.DONE;
}

/** Bytes of a value that begins with a length, which counts more or less of them. */
function valueBytes(length: u32): u32 {
  if (elementType == Type.DOCUMENT || elementType == Type.ARRAY || elementType == 15) return max<u32>(length, 5);
  if (elementType == 5) return length + 5;
  return elementType == 12 ? length + 16 : length + 4;
}

/** Whether the value of the element is a number or true or false; those are read at once. */
export function isNumber(): bool {
  return (
    elementType == Type.DOUBLE || elementType == Type.INT32 || elementType == Type.INT64 || elementType == Type.BOOLEAN
  );
}

/** The value of the element, a number that is all there. */
export function numberValue(): f64 {
  switch (elementType) {
    case Type.DOUBLE:
      return load<f64>(valueAt);
    case Type.INT32:
      return <f64>load<i32>(valueAt);
    case Type.INT64:
      return <f64>load<i64>(valueAt);
    default:
      return <f64>load<u8>(valueAt);
  }
}
