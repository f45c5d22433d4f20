import { Flow, Half, State, flowAt, numberOf } from "./flow";
import { DESTINATION, crossing, packetMicros } from "./packet";

/**
 * Where all interfaces are captured, a packet is seen on each that it crosses: the end of a pod, a bridge, a tunnel, the
 * card. It is counted once, by two rules.
 *
 * 1. Each direction of a flow belongs to the crossing (interface, in or out) that it was first seen on. Its packets on others
 *    are copies, as long as they are seen on their own.
 * 2. A flow that begins with a packet that was just seen on another crossing, under other addresses, is a translated copy
 *    of that flow (NAT keeps sequence numbers and contents). It counts nothing. The client is as the first crossing has it,
 *    the server as the last one: so of a Service's address, the pod behind it.
 *
 *     recent   Recent x 4096   the last packets, by what they hold
 */
@unmanaged
class Recent {
  /** What a packet holds that no translation changes, and its flags and size. */
  key: u64;
  shape: u32;
  /** Number + 1. */
  flow: u32;
  micros: u64;
  crossing: u32;
  filler: u32;
}

/** A copy is not later than this. */
const COPY_MICROS: u64 = 200_000;
/** A direction that is not seen on its own crossing for so long belongs to the next one that it is seen on. */
const SILENT_MICROS: u64 = 1_000_000;

const recent = memory.data(163840, 8);

/** Whether the packet, which this end sends, is a copy of one that was seen on the crossing that counts. */
export function isCopy(half: Half): bool {
  if (!crossing) return false;
  if (half.crossing != crossing && half.crossing && half.crossedMicros + SILENT_MICROS > packetMicros) return true;
  half.crossing = crossing;
  half.crossedMicros = packetMicros;
  return false;
}

/** Remembers a packet that is counted, to know its translated copies by. */
export function remember(flow: Flow, key: u64, shape: u32): void {
  if (!crossing) return;
  const place = placeOf(key);
  place.key = key;
  place.shape = shape;
  place.flow = numberOf(flow) + 1;
  place.micros = packetMicros;
  place.crossing = crossing;
}

/** Whether a flow that begins with this packet is a translated copy. Then it is marked as one, and names the server. */
export function markTranslated(flow: Flow, key: u64, shape: u32, port: u32): bool {
  if (!crossing) return false;
  const place = placeOf(key);
  const isSame = place.flow && place.key == key && place.shape == shape && place.crossing != crossing;
  if (!isSame || place.micros + COPY_MICROS < packetMicros) return false;
  const original = flowAt(place.flow - 1);
  if (original.transport != flow.transport || original.state & (State.CLOSED | State.COPY)) return false;
  flow.state = State.COPY | State.CLOSED;
  if (original.state & (State.COUNTED | State.JOINED) || original.generation) return true;
  original.serverHigh = load<u64>(DESTINATION);
  original.serverLow = load<u64>(DESTINATION, 8);
  original.serverPort = port;
  return true;
}

function placeOf(key: u64): Recent {
  const hash = key * 0x9e3779b97f4a7c15;
  return changetype<Recent>(recent + <usize>(hash >> 52) * offsetof<Recent>());
}
