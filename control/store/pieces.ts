import type { TimeRange } from "./store.ts";

/** What choosing a resolution needs to know of it. */
export interface PieceLevel {
  readonly slotMs: number;
  /** Before this instant it may have been dropped. */
  readonly expiredBeforeMs: number;
}

/** A stretch of a range and the level that it is read from. */
export interface Piece extends TimeRange {
  /** 0 for the finest. */
  readonly level: number;
}

/** The steps that a range is divided into. */
export interface Steps {
  /** Where the first of them begins. */
  readonly firstMs: number;
  readonly stepMs: number;
}

/** A step may be cut out of slots that it is not made of, spreading those at its ends evenly, if it has so many of them. */
const SLOTS_A_STEP = 10;

/**
 * Cuts a range into stretches, in order of time, each read from the coarsest resolution that is fine enough: whole
 * slots of it in the middle, and what is left at both ends from finer ones. So whatever the range, its sum is exact as far as
 * the resolutions are kept; where one has been dropped the next coarser one stands in, its slots spread evenly.
 *
 * @param levels finest first
 * @param steps where the range is divided into steps: they need a resolution that fits them. Undefined: it is not
 */
export function piecesOf(range: TimeRange, levels: readonly PieceLevel[], steps?: Steps): Piece[] {
  const fits = ({ slotMs }: PieceLevel): boolean => {
    if (!steps) return true;
    const { firstMs, stepMs } = steps;
    return stepMs >= slotMs * SLOTS_A_STEP || (stepMs % slotMs === 0 && firstMs % slotMs === 0);
  };
  const coarsest = Math.max(0, levels.findLastIndex(fits));
  return joined(cut({ ...range, level: coarsest }, levels).flatMap((piece) => present(piece, levels)));
}

function cut(piece: Piece, levels: readonly PieceLevel[]): Piece[] {
  const { fromMs, toMs, level } = piece;
  if (level === 0) return [piece];
  const { slotMs } = levels[level]!;
  const firstMs = Math.ceil(fromMs / slotMs) * slotMs;
  const lastMs = Math.floor(toMs / slotMs) * slotMs;
  if (firstMs >= lastMs) return cut({ ...piece, level: level - 1 }, levels);
  const left = fromMs < firstMs ? cut({ fromMs, toMs: firstMs, level: level - 1 }, levels) : [];
  const right = lastMs < toMs ? cut({ fromMs: lastMs, toMs, level: level - 1 }, levels) : [];
  return [...left, { fromMs: firstMs, toMs: lastMs, level }, ...right];
}

/** What has been dropped of a piece comes from the next coarser level that has it; the coarsest has the last word. */
function present(piece: Piece, levels: readonly PieceLevel[]): Piece[] {
  const { fromMs, toMs, level } = piece;
  const { expiredBeforeMs } = levels[level]!;
  if (level === levels.length - 1 || fromMs >= expiredBeforeMs) return [piece];
  const gone = present({ fromMs, toMs: Math.min(toMs, expiredBeforeMs), level: level + 1 }, levels);
  return expiredBeforeMs < toMs ? [...gone, { fromMs: expiredBeforeMs, toMs, level }] : gone;
}

/** Pieces that follow each other on the same level as one. */
function joined(pieces: readonly Piece[]): Piece[] {
  const all: Piece[] = [];
  for (const piece of pieces) {
    const last = all.at(-1);
    if (last?.level === piece.level) all[all.length - 1] = { ...last, toMs: piece.toMs };
    else all.push(piece);
  }
  return all;
}
