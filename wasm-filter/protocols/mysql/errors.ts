import { Outcome } from "../../core/counters";
import { Exchange, answer } from "../../packet/exchanges";
import { Flow } from "../../packet/flow";
import { outcomeOfState } from "../sql/sqlstate";

/** Where the SQLSTATE is in an error: behind 0xff, the code and a "#". */
const STATE: u32 = 4;
const MARK: u32 = 0x23;
const H: u32 = 0x48;
/** Not an error: MariaDB tells how far it is. */
const PROGRESS: u32 = 0xffff;

/**
 * Errors whose SQLSTATE says nothing (HY000), and that are the client's all the same: ER_UNKNOWN_SYSTEM_VARIABLE, ER_WRONG_ARGUMENTS,
 * ER_INCORRECT_GLOBAL_LOCAL_VAR, ER_UNKNOWN_STMT_HANDLER, ER_UNSUPPORTED_PS, ER_NO_DEFAULT_FOR_FIELD, ER_TRUNCATED_WRONG_VALUE_FOR_FIELD.
 */
const CLIENTS = memory.data<u16>([1193, 1210, 1238, 1243, 1295, 1364, 1366]);
const CLIENTS_COUNT: u32 = 7;

/** Answers a request with the error at `at`; false where it is none. */
export function answerError(flow: Flow, exchange: Exchange, at: usize, size: u32): bool {
  const code: u32 = size < 3 ? 0 : load<u16>(at + 1);
  if (code == PROGRESS) return false;
  answer(flow, exchange, outcomeOf(code, at, size), code);
  return true;
}

function outcomeOf(code: u32, at: usize, size: u32): u32 {
  if (size < STATE + 5 || load<u8>(at + 3) != MARK) return Outcome.SERVER_ERROR;
  if (load<u8>(at + STATE) != H) return outcomeOfState(at + STATE);
  for (let i: u32 = 0; i < CLIENTS_COUNT; i++) {
    if (load<u16>(CLIENTS + (i << 1)) == code) return Outcome.CLIENT_ERROR;
  }
  return Outcome.SERVER_ERROR;
}
