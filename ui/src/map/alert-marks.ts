/** The marks of firing alerts on what the map draws. Pure. */
import { callKey, joinedMark, type AlertMark, type AlertMarks } from "../model/alert-marks.ts";
import type { World } from "../model/world.ts";
import type { Topology } from "./topology.ts";

/** By the id of the card or link. */
export type DrawnMarks = ReadonlyMap<string, AlertMark>;

/** What is folded into one card or line has one mark in all. */
export function drawnMarks(world: World, topology: Topology, { nodes, calls }: AlertMarks): DrawnMarks {
  const drawn = new Map<string, AlertMark>();
  if (nodes.size + calls.size === 0) return drawn;
  for (const { id, nodeIds } of topology.cards) {
    const mark = joinedMark(nodeIds.map((node) => nodes.get(node)));
    if (mark) drawn.set(id, mark);
  }
  for (const { id, edgeIds } of topology.links) {
    const keys = new Set(edgeIds.flatMap((edge) => keyOf(world, edge)));
    const mark = joinedMark([...keys].map((key) => calls.get(key)));
    if (mark) drawn.set(id, mark);
  }
  return drawn;
}

function keyOf(world: World, edgeId: string): string[] {
  const edge = world.edges.get(edgeId);
  return edge ? [callKey(edge)] : [];
}
