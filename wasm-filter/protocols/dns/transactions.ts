import { Outcome } from "../../core/counters";
import { abandon, answer, answerUnasked, ask, oldest, waitingFor } from "../../packet/exchanges";
import { Flow } from "../../packet/flow";
import { ASKED_MICROS } from "../../packet/limits";
import { streamMicros } from "../../packet/stream-time";
import { endpointOf } from "./names";

/** Queries that wait, matched with their answers by id. */

/** Beyond all ids: a query whose id was taken for another one. */
const SUPERSEDED: u32 = 0x10000;

/** Takes a query. One that is sent again, with its id and question, waits beside the first: the server has two to answer. */
export function takeQuery(flow: Flow, id: u32, opcode: u32, type: u32, question: u32): void {
  const waiting = waitingFor(flow, id);
  if (waiting && waiting.more != question) supersede(flow, id);
  ask(flow, endpointOf(flow, opcode, type), 0, id).more = question;
}

/** The id is taken for another question: what waits with it has no answer any more. */
function supersede(flow: Flow, id: u32): void {
  for (let next = waitingFor(flow, id); next; next = waitingFor(flow, id)) next.id |= SUPERSEDED;
}

/** Takes an answer. */
export function takeAnswer(flow: Flow, id: u32, rcode: u32): void {
  const waiting = waitingFor(flow, id);
  if (waiting) answer(flow, waiting, outcomeOf(rcode), rcode);
  else answerUnasked(flow, outcomeOf(rcode), rcode);
}

/** Gives up the queries that nobody waits for any more, where the same port goes on asking. */
export function giveUpOld(flow: Flow): void {
  while (true) {
    const exchange = oldest(flow);
    if (!exchange || exchange.micros + ASKED_MICROS >= streamMicros) return;
    abandon(flow);
  }
}

/**
 * What an rcode says of a request (RFC 6895, 2.3). The client's fault: FORMERR, NXDOMAIN, the conditions of an update that do not
 * hold (YXDOMAIN, YXRRSET, NXRRSET), what it may not (NOTAUTH, NOTZONE), and what EDNS, TSIG and cookies find wrong (BADVERS and
 * those above). The server's: SERVFAIL, NOTIMP, REFUSED, and what has no name.
 */
function outcomeOf(rcode: u32): u32 {
  if (rcode == 0) return Outcome.SUCCESS;
  const isClient = rcode == 1 || rcode == 3 || (rcode >= 6 && rcode <= 10) || (rcode >= 16 && rcode <= 23);
  return isClient ? Outcome.CLIENT_ERROR : Outcome.SERVER_ERROR;
}
