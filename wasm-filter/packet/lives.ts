import { Loss, lose } from "../core/losses";
import { countClosed, countFailed, countOpened } from "./accounts";
import { endExchanges } from "./exchanges";
import { Flow, State, flowAt, halfOf } from "./flow";
import { findFlow, flowsTouched, isFull, leastUseful, removeFlow } from "./flows";
import { ANSWER_MICROS, ASKED_MICROS, CLOSED_MICROS, IDLE_MICROS, SYN_MICROS, SYN_PATIENCE } from "./limits";
import { packetMicros } from "./packet";
import { flush } from "./reassembly";
import { setArrival } from "./stream-time";
import { deliverClose } from "./streams";

/** How flows end: closed, reset, silent for too long, in the way of others, or with the capture. */
const TCP: u32 = 6;
/** A sweep looks at one in so many flows. */
const SWEEPS: u32 = 8;
let sweeps: u32 = 0;

/** A flow is over; its place is kept for a while, for packets that come late. */
export function endFlow(flow: Flow, isReset: bool): void {
  if (flow.state & State.CLOSED) return removeFlow(flow);
  settleFlow(flow, isReset);
  flow.state |= State.CLOSED;
}

function settleFlow(flow: Flow, isReset: bool): void {
  setArrival(flow.lastMicros);
  if (isReset) flow.state |= State.RESET;
  if (flow.transport == TCP) {
    for (let end: u32 = 0; end < 2; end++) flush(flow, end);
    // The client's side first: so a parser knows of the last request when it learns that there is no more answer.
    deliverClose(flow, flow.client);
    deliverClose(flow, flow.client ^ 1);
    if (flow.state & State.OPEN) {
      countOpened(flow);
      countClosed(flow, isReset);
    } else {
      countFailed(flow, false);
    }
  }
  endExchanges(flow);
}

/** Ends a flow, where it is not over, and frees its place. */
export function forgetFlow(flow: Flow): void {
  if (!(flow.state & State.CLOSED)) settleFlow(flow, false);
  removeFlow(flow);
}

/** Makes room for one more flow, the one that was looked for and not found. */
export function makeFlowRoom(transport: u32, source: u32, destination: u32): void {
  if (!isFull()) return;
  const flow = leastUseful(isExpendable);
  if (!isExpendable(flow)) lose(Loss.FLOWS_EVICTED);
  forgetFlow(flow);
  findFlow(transport, source, destination);
}

/** Whether nothing is lost when a flow is forgotten. */
function isExpendable(flow: Flow): bool {
  if (flow.state & State.CLOSED) return true;
  return flow.transport == TCP && !(flow.state & State.OPEN) && flow.lastMicros + 1_000_000 < packetMicros;
}

/** Forgets some of those flows that are over or silent for too long. To be called from time to time. */
export function sweepFlows(): void {
  for (let number = sweeps++ % SWEEPS; number < flowsTouched(); number += SWEEPS) {
    const flow = flowAt(number);
    if (!flow.transport) continue;
    if (flow.lastMicros + patience(flow) < packetMicros) forgetFlow(flow);
    else if (isWaiting(flow) && flow.lastMicros + ANSWER_MICROS < packetMicros) endExchanges(flow);
  }
}

function isWaiting(flow: Flow): bool {
  return flow.waiting != 0 && !(flow.state & State.MAYBE_PROBE);
}

function patience(flow: Flow): u64 {
  if (flow.state & State.COPY) return IDLE_MICROS;
  if (flow.state & State.CLOSED) return CLOSED_MICROS;
  if (flow.transport != TCP) return ASKED_MICROS;
  return flow.state & State.OPEN ? IDLE_MICROS : max(SYN_MICROS, SYN_PATIENCE * (flow.lastMicros - flow.startMicros));
}

/** The capture is over, and with it all flows. */
export function endFlows(): void {
  for (let number: u32 = 0; number < flowsTouched(); number++) {
    if (flowAt(number).transport) forgetFlow(flowAt(number));
  }
}
