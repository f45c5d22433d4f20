import { blockAt, freeBlock, takeBlock } from "../../packet/blocks";
import { Flow, stateOf } from "../../packet/flow";
import { Part } from "./frames";

/**
 * Which channels confirm what is published on them, and how much was: publications are confirmed by their number. They are
 * few, so that a connection takes a block for them once one does.
 *
 *     block   u32 x CHANNELS   publications + 1; 0 = the channel does not confirm
 */
@unmanaged
class Confirms {
  /** 0 = none. */
  block: u32;
}
/** RabbitMQ opens no more of them; others are taken not to confirm. */
const CHANNELS: u32 = 2048;

function confirmsOf(flow: Flow): Confirms {
  return changetype<Confirms>(stateOf(flow) + 2 * offsetof<Part>());
}

export function startConfirms(flow: Flow, channel: u32): void {
  const confirms = confirmsOf(flow);
  if (channel >= CHANNELS) return;
  if (!confirms.block) {
    confirms.block = takeBlock();
    if (!confirms.block) return;
    memory.fill(blockAt(confirms.block), 0, CHANNELS << 2);
  }
  const place = placeOf(confirms, channel);
  if (!load<u32>(place)) store<u32>(place, 1);
}

/** The number of the next publication on a channel, 0 where it is not confirmed. */
export function confirmNext(flow: Flow, channel: u32): u32 {
  const confirms = confirmsOf(flow);
  if (!confirms.block || channel >= CHANNELS) return 0;
  const place = placeOf(confirms, channel);
  const number = load<u32>(place);
  if (number) store<u32>(place, number + 1);
  return number;
}

export function forgetChannel(flow: Flow, channel: u32): void {
  const confirms = confirmsOf(flow);
  if (confirms.block && channel < CHANNELS) store<u32>(placeOf(confirms, channel), 0);
}

/** Some publications were missed: those that follow have numbers that are not known. */
export function forgetConfirms(flow: Flow): void {
  freeBlock(confirmsOf(flow).block);
  confirmsOf(flow).block = 0;
}

function placeOf(confirms: Confirms, channel: u32): usize {
  return blockAt(confirms.block) + ((<usize>channel) << 2);
}
