import { Outcome } from "../../core/counters";

/**
 * What an SQLSTATE says: five letters or digits, of which the first two are its class (SQL:2016 part 2, 24.1; PostgreSQL,
 * appendix A; MySQL's error reference). The client is at fault where the statement, its data or its rights are:
 *
 *     0A 0B 0L 0P 20 21 22 23 24 25 26 27 28 2B 2D 2F 34 38 39 3B 3D 3F 42 44 P0   the client
 *     08 40 53 54 55 57 58 72 F0 HV HY XX, and those that are not known            the server
 *
 * P0 is what functions raise by themselves; 40 are serialization failures and deadlocks, HY of MySQL everything that has no class.
 */
const CLIENT_CLASSES: string = "0A0B0F0L0P0Z2021222324252627282B2D2F3438393B3D3F4244P0";
/** Which classes are the client's, a bit for each of 36 x 36. */
const bits = memory.data(168, 8);

markAll();

function markAll(): void {
  for (let i = 0; i < CLIENT_CLASSES.length; i += 2) {
    const number = classNumber(<u32>CLIENT_CLASSES.charCodeAt(i), <u32>CLIENT_CLASSES.charCodeAt(i + 1));
    store<u8>(bits + (number >> 3), load<u8>(bits + (number >> 3)) | (u8(1) << u8(number & 7)));
  }
}

/** Whose fault the error is (Outcome) whose five letters are at `at`. */
export function outcomeOfState(at: usize): u32 {
  const number = classNumber(load<u8>(at), load<u8>(at, 1));
  const isClients = (load<u8>(bits + (number >> 3)) >> (<u8>(number & 7))) & 1;
  return isClients ? Outcome.CLIENT_ERROR : Outcome.SERVER_ERROR;
}

/**
 * A number for a state: 23505 is 23505. Where the last three hold a letter, that of the class, which is what the standard has for
 * states that are not known: 42P01 is 42000. 0 where the class itself has a letter (XX000), or there is no room for it.
 */
export function statusOfState(at: usize): u32 {
  const first = decimal(at, 2);
  const rest = decimal(at + 2, 3);
  if (first > 64) return 0;
  return first * 1000 + (rest > 999 ? 0 : rest);
}

/** The number that digits make, NaN for u32 (its highest) where others are among them. */
function decimal(at: usize, size: u32): u32 {
  let value: u32 = 0;
  for (let i: u32 = 0; i < size; i++) {
    const digit = <u32>load<u8>(at + i) - 48;
    if (digit > 9) return u32.MAX_VALUE;
    value = value * 10 + digit;
  }
  return value;
}

/** Below 36 x 36. */
function classNumber(first: u32, second: u32): u32 {
  return base36(first) * 36 + base36(second);
}

/** The value of a digit or a letter; 0 of anything else. */
function base36(byte: u32): u32 {
  if (byte - 48 < 10) return byte - 48;
  return byte - 65 < 26 ? byte - 55 : 0;
}
