import { Outcome } from "../../core/counters";
import { Text, bytesOf, isSame, lower, sizeOf, text } from "../../core/text";

/**
 * Whose fault an error is. Redis says it with a word in capital letters, and where that is ERR with the text behind it. What is
 * in none of the lists is the server's (LOADING, OOM, BUSY, READONLY, MISCONF, CLUSTERDOWN, an ERR of another text).
 */

/** Where a key is to be found in a cluster: no failure. */
const REDIRECTIONS = text("MOVED,ASK");
const CLIENT_CODES = text(
  "WRONGTYPE,WRONGPASS,NOAUTH,NOPERM,NOPROTO,NOSCRIPT,NOGROUP,NOTBUSY,UNKILLABLE,BUSYGROUP,BUSYKEY,EXECABORT,CROSSSLOT," +
    "DENIED,UNBLOCKED,INVALIDOBJ",
);
const ERR = text("ERR");
/** How the text of an ERR begins that is the client's fault, in lower case. */
const CLIENT_TEXTS = text(
  "unknown ,wrong number,syntax error,value is ,invalid ,no such ,index out of range,db index,protocol error," +
    "operation against,multi calls,exec without,discard without,watch inside,increment or,decrement would,increment would," +
    "string exceeds,string is too long,bit offset,bit is not,bitop ,offset is,hash value,hash field,min or max,weight value,timeout is," +
    "numkeys,number of keys,client sent auth,auth ,limit ,the id ,the [,this instance has cluster support disabled," +
    "source and destination,can't execute,command not allowed,this redis command is not allowed,nx and,xx and,gt and,unsupported ,bad ," +
    "count should,count value,radius ,resulting score,unbalanced ,please use,value out of range,unrecognized ,dump payload,target key",
);

const COMMA: u32 = 0x2c;
const UNKNOWN = text("ERR unknown command");

/** The outcome of a request that is answered by an error: what stands behind "-", without its end. */
export function outcomeOfError(at: usize, size: u32): u32 {
  let word: u32 = 0;
  while (word < size && load<u8>(at + word) > 32) word++;
  if (word == sizeOf(ERR) && isSame(at, bytesOf(ERR), word)) {
    const isClient = begins(CLIENT_TEXTS, at + word + 1, size > word ? size - word - 1 : 0);
    return isClient ? Outcome.CLIENT_ERROR : Outcome.SERVER_ERROR;
  }
  if (isIn(REDIRECTIONS, at, word)) return Outcome.SUCCESS;
  return isIn(CLIENT_CODES, at, word) ? Outcome.CLIENT_ERROR : Outcome.SERVER_ERROR;
}

/** Whether an error says that there is no such command. */
export function isUnknownCommand(at: usize, size: u32): bool {
  return size >= sizeOf(UNKNOWN) && isSame(at, bytesOf(UNKNOWN), sizeOf(UNKNOWN));
}

/** Whether a word is one of a list. */
function isIn(list: Text, at: usize, size: u32): bool {
  const end = bytesOf(list) + sizeOf(list);
  for (let from = bytesOf(list); from < end;) {
    const length = wordSize(from, end);
    if (length == size && isSame(from, at, size)) return true;
    from += length + 1;
  }
  return false;
}

/** Whether a text begins like one of a list, upper and lower case being the same. */
function begins(list: Text, at: usize, size: u32): bool {
  const end = bytesOf(list) + sizeOf(list);
  for (let from = bytesOf(list); from < end;) {
    const length = wordSize(from, end);
    let same: u32 = 0;
    while (same < length && same < size && lower(load<u8>(at + same)) == load<u8>(from + same)) same++;
    if (same == length) return true;
    from += length + 1;
  }
  return false;
}

function wordSize(from: usize, end: usize): u32 {
  let at = from;
  while (at < end && load<u8>(at) != COMMA) at++;
  return <u32>(at - from);
}
