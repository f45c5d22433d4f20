import type { Status } from "../../../control/api/sources.ts";
import type { ControlTrouble } from "./control-trouble.ts";
import { formatCount, formatShare, formatSpan } from "./format.ts";

/** History that is less behind than this is well: it is written each second, and may need a moment. */
const LATE_SECONDS = 30;
const GIB = 2 ** 30;

/** What an operator should know of history; null while it is well. */
export function historyTrouble({ store, inbox, sink }: Status): ControlTrouble | null {
  const words: string[] = [];
  const sentences: string[] = [];
  if (inbox.lagSeconds >= LATE_SECONDS) {
    const late = formatSpan(inbox.lagSeconds * 1_000);
    words.push(`History ${late} late`);
    sentences.push(
      `History is ${late} behind. The map is not: what it lacks waits on control's disk and is written when it can be.`,
      `${formatCount(inbox.pending)} batches wait; the inbox is ${formatShare(inbox.bytes / inbox.maxBytes)} full.`,
    );
    if (store.error) sentences.push(store.error);
  }
  if (sink && sink.lagSeconds >= LATE_SECONDS && sink.error) {
    words.push(`Sink ${formatSpan(sink.lagSeconds * 1_000)} late`);
    sentences.push(`The sink at ${sink.url} is ${formatSpan(sink.lagSeconds * 1_000)} behind: ${sink.error}`);
  }
  const { disk } = store;
  if (disk && disk.cappedTables > 0) {
    words.push("History full");
    sentences.push(
      `History takes ${sizeText(disk.bytes)} of ${sizeText(disk.maxBytes)}. ${formatCount(disk.cappedTables)} of its finest and oldest tables went before their time; SIDELIGHT_HISTORY_MAX_MB gives it more.`,
    );
  }
  const [word] = words;
  return word === undefined ? null : { word, sentences };
}

/** "History takes 1.2 of 20 GiB"; empty where that is not known. */
export function diskWords({ store: { disk } }: Status): string {
  return disk ? `History takes ${sizeText(disk.bytes)} of ${sizeText(disk.maxBytes)}` : "";
}

function sizeText(bytes: number): string {
  const [size, unit] = bytes < GIB ? [bytes / 2 ** 20, "MiB"] : [bytes / GIB, "GiB"];
  return `${Number(size.toPrecision(3))}\u202f${unit}`;
}
