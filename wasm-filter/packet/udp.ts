import { Loss, lose } from "../core/losses";
import { hash } from "../core/text";
import { u16be } from "./bytes";
import { isCopy, markTranslated, remember } from "./crossings";
import { Flow, State, halfOf } from "./flow";
import { addFlow, findFlow, sender } from "./flows";
import { makeFlowRoom } from "./lives";
import { packetMicros } from "./packet";
import { From, detectDatagramWith, parserCount, takeDatagram } from "./parsers";
import { setStreamTime } from "./stream-time";
import { takeTunnel } from "./tunnels";

/**
 * UDP (RFC 768). Only what a parser knows becomes a flow, so that datagrams that nobody understands cost nothing.
 */
const UDP: u32 = 17;
const HEADER: u32 = 8;
/** So many bytes of a datagram tell it from others. */
const TELLING: u32 = 64;

/** Takes a datagram, of which those bytes before `end` were captured. */
export function takeUdp(at: usize, end: usize, size: u32): void {
  if (at + HEADER > end) return lose(Loss.PACKETS_BAD);
  const length = u16be(at + 4);
  if (length && (length < HEADER || length > size)) return lose(Loss.PACKETS_BAD);
  const source = u16be(at);
  const destination = u16be(at + 2);
  const payload = at + HEADER;
  const there = <u32>(min<usize>(end, length ? at + length : end) - payload);
  if (!there) return;
  const inside = payload + there;
  if (takeTunnel(destination, payload, inside) || takeTunnel(source, payload, inside)) return;
  setStreamTime(packetMicros);
  let flow = findFlow(UDP, source, destination);
  const key = hash(payload, min(there, TELLING));
  if (!flow) {
    flow = begin(payload, there, source, destination);
    if (flow && markTranslated(flow, key, there, destination)) return;
  }
  if (!flow) return;
  flow.lastMicros = packetMicros;
  if (flow.state & State.COPY || isCopy(halfOf(flow, sender))) return;
  remember(flow, key, there);
  takeDatagram(flow, sender ^ flow.client, payload, there);
}

function begin(at: usize, size: u32, source: u32, destination: u32): Flow | null {
  for (let number: u32 = 1; number <= parserCount(); number++) {
    const from = detectDatagramWith(number, at, size);
    if (from == From.NOBODY) continue;
    makeFlowRoom(UDP, source, destination);
    const flow = addFlow();
    flow.state = State.ORIENTED | State.OPEN;
    flow.client = <u8>(from == From.CLIENT ? sender : sender ^ 1);
    flow.parser = <u8>number;
    return flow;
  }
  return null;
}
