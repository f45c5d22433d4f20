/** Which of several taps tells of an edge: a packet from one Kubernetes node to another passes both of their taps. */
import type { PodEnd } from "./pod-end.ts";

/** The ends of an edge that a tap heard. */
export interface WireEnds {
  readonly client: PodEnd;
  readonly server: PodEnd;
}

/**
 * The tap on the server's node tells of an edge; where there is none, that on the client's. What a tap heard of the edges of
 * others is not counted. Ends of which no node is known, as hosts outside, say nothing.
 *
 * @param node the node of the tap that heard it
 * @param isTapped whether there is a tap on another node
 */
export function tellsOf(node: string, { client, server }: WireEnds, isTapped: (node: string) => boolean): boolean {
  for (const end of [server, client]) {
    if (end.node === node) return true;
    if (end.node !== "" && isTapped(end.node)) return false;
  }
  return true;
}
