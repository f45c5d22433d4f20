import { Text, text } from "../../core/text";

/** The commands of a client, by their number (MySQL and MariaDB, "Client/Server Protocol"): names, and how they are answered. */
export namespace Answer {
  /** Not at all. */
  export const NONE: u32 = 0;
  /** By one packet: OK, EOF, an error, a text. */
  export const ONE: u32 = 1;
  /** By results: OK, or columns and rows; several of them, or a wish for a file before. */
  export const RESULTS: u32 = 2;
  /** By a number, parameters and columns. */
  export const PREPARED: u32 = 3;
  /** By packets up to an EOF. */
  export const UP_TO_EOF: u32 = 4;
  /** By an exchange of secrets that ends with OK or an error. */
  export const LOGIN: u32 = 5;
  /** By a stream that does not end. */
  export const STREAM: u32 = 6;
  /** There is no such command. */
  export const UNKNOWN: u32 = 255;
}

export namespace Command {
  export const INIT_DB: u32 = 2;
  export const QUERY: u32 = 3;
  export const PREPARE: u32 = 22;
  export const EXECUTE: u32 = 23;
  export const CLOSE: u32 = 25;
  /** Of MariaDB: executes a statement for several rows. */
  export const BULK_EXECUTE: u32 = 250;
}

const ANSWERS = memory.data<u8>([
  255, 0, 1, 2, 4, 1, 1, 1, 1, 1, 2, 255, 1, 1, 1, 255, 255, 5, 6, 6, 255, 1, 3, 2, 0, 0, 1, 1, 4, 255, 6, 1,
]);
const COUNT: u32 = 32;

/** Texts, in the order of the numbers. */
const names = memory.data(COUNT * sizeof<usize>(), 8);
const NAMES: string =
  "- COM_QUIT COM_INIT_DB COM_QUERY COM_FIELD_LIST COM_CREATE_DB COM_DROP_DB COM_REFRESH COM_SHUTDOWN COM_STATISTICS " +
  "COM_PROCESS_INFO - COM_PROCESS_KILL COM_DEBUG COM_PING - - COM_CHANGE_USER COM_BINLOG_DUMP COM_TABLE_DUMP - " +
  "COM_REGISTER_SLAVE COM_STMT_PREPARE COM_STMT_EXECUTE COM_STMT_SEND_LONG_DATA COM_STMT_CLOSE COM_STMT_RESET COM_SET_OPTION " +
  "COM_STMT_FETCH - COM_BINLOG_DUMP_GTID COM_RESET_CONNECTION";

splitNames();

function splitNames(): void {
  const all = text(NAMES) + 4;
  let from: u32 = 0;
  let number: u32 = 0;
  for (let i: u32 = 0; i <= <u32>NAMES.length; i++) {
    if (i < <u32>NAMES.length && load<u8>(all + i) != 32) continue;
    const name = heap.alloc(4 + i - from);
    store<u32>(name, i - from);
    memory.copy(name + 4, all + from, i - from);
    store<usize>(names + <usize>number * sizeof<usize>(), name);
    number++;
    from = i + 1;
  }
}

/** How a command is answered. */
export function answerTo(command: u32): u32 {
  if (command < COUNT) return load<u8>(ANSWERS + command);
  return command == Command.BULK_EXECUTE ? Answer.RESULTS : Answer.UNKNOWN;
}

/** The name of a command below 32. */
export function nameOf(command: u32): Text {
  return load<usize>(names + <usize>command * sizeof<usize>());
}
