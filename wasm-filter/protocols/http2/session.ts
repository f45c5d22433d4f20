import { Flow, stateOf } from "../../packet/flow";
import { blockAt, freeBlock, takeBlock } from "../../packet/blocks";
import { TABLE_BYTES, Table, forgetEntries, startTable } from "./table";
import { Way } from "./frames";

/** What is known of a connection beside where its sides are: it lies behind their two Ways. */
@unmanaged
export class Session {
  /** The block with the tables of both sides, 0 before the first header block. */
  block: u32;
  /** The first and the last stream that the client was seen to open since some of what it sent was missed; 0 = none. */
  first: u32;
  last: u32;
  /** The last stream when some of what the server sent was missed; 0 = nothing was. */
  missed: u32;
}

export function sessionOf(flow: Flow): Session {
  return changetype<Session>(stateOf(flow) + 2 * offsetof<Way>());
}

/** The table of a side, null where there is no room for one. */
export function tableOf(flow: Flow, side: u32): Table | null {
  const session = sessionOf(flow);
  if (!session.block) {
    session.block = takeBlock();
    if (!session.block) return null;
    startTable(tableAt(session.block, 0));
    startTable(tableAt(session.block, 1));
  }
  return tableAt(session.block, side);
}

function tableAt(block: u32, side: u32): Table {
  return changetype<Table>(blockAt(block) + <usize>side * TABLE_BYTES);
}

/** Some of what a side sent was missed, and with it entries of its table. */
export function forgetTable(flow: Flow, side: u32): void {
  const block = sessionOf(flow).block;
  if (block) forgetEntries(tableAt(block, side));
}

export function freeTables(flow: Flow): void {
  const session = sessionOf(flow);
  freeBlock(session.block);
  session.block = 0;
}
