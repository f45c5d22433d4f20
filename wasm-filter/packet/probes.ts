import { countOpened } from "./accounts";
import { releaseAnswer } from "./exchanges";
import { Flow, OPAQUE, State, halfOf } from "./flow";
import { PROBE_BYTES, PROBE_MICROS } from "./limits";
import { packetMicros } from "./packet";
import { handOver } from "./streams";

/**
 * What the node asks of its pods to see whether they live (docs/decisions/0106, 0130).
 *
 *     MAYBE_PROBE --its client sends what is no probe--------------------> it counts, from its beginning on
 *          | ^-----a parser that cannot tell yet: LIKE_PROBE, until it sends more, or later, than a probe does
 *          `-----a parser knows it for one: PROBE--------------------------> nothing counts
 *
 * What is neither when it ends was a probe.
 */

/** A parser cannot tell yet whether this is a probe; nothing where it is known to be none. */
export function waitForProbe(flow: Flow): void {
  if (flow.state & State.MAYBE_PROBE) flow.state |= State.LIKE_PROBE;
}

/** A parser has seen that this is no probe. */
export function isNoProbe(flow: Flow): void {
  flow.state &= ~State.LIKE_PROBE;
}

/**
 * A parser, which has freed what it took, has seen that its client says to be a prober.
 *
 * @returns false where anybody may say so
 */
export function takeProbe(flow: Flow): bool {
  if (!(flow.state & State.MAYBE_PROBE)) return false;
  flow.state |= State.PROBE;
  handOver(flow, OPAQUE);
  return true;
}

/** The node itself has sent something on a connection of its own: it counts, unless a probe would have sent it. */
export function carry(flow: Flow): void {
  if (flow.state & State.PROBE) return;
  if (flow.state & State.LIKE_PROBE && isShort(flow)) return;
  const wasLike = (flow.state & State.LIKE_PROBE) != 0;
  flow.state &= ~(State.MAYBE_PROBE | State.LIKE_PROBE);
  countOpened(flow);
  if (wasLike) releaseAnswer(flow);
}

function isShort(flow: Flow): bool {
  const age = packetMicros - min(flow.startMicros, packetMicros);
  return halfOf(flow, flow.client).unbilled <= PROBE_BYTES && age <= PROBE_MICROS;
}
