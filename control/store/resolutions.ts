/** The resolutions of a history, finest first: how long one slot is, in milliseconds. */
export const RESOLUTIONS = [
  { name: "1s", slotMs: 1_000 },
  { name: "10s", slotMs: 10_000 },
  { name: "1m", slotMs: 60_000 },
  { name: "1h", slotMs: 3_600_000 },
] as const;

export type ResolutionName = (typeof RESOLUTIONS)[number]["name"];

/** How long each resolution is kept, in milliseconds. None is kept shorter than a finer one. */
export type Kept = Readonly<Record<ResolutionName, number>>;

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const UNITS: Readonly<Record<string, number>> = { m: MINUTE_MS, h: HOUR_MS, d: DAY_MS };

export const DEFAULT_KEPT: Kept = { "1s": HOUR_MS, "10s": DAY_MS, "1m": 30 * DAY_MS, "1h": 365 * DAY_MS };

/** How long steps of history can be, in milliseconds: as the slots that it keeps. */
export const STEPS_MS: readonly number[] = RESOLUTIONS.slice(1).map(({ slotMs }) => slotMs);

/**
 * The shortest steps in which everything from an instant on is kept; the longest, where none reaches back so far.
 * Shorter ones than this can be asked for: what was kept in longer slots is then spread evenly.
 */
export function finestStepMs(fromMs: number, nowMs: number, kept: Kept = DEFAULT_KEPT): number {
  const finest = RESOLUTIONS.slice(1).find(({ name }) => fromMs >= nowMs - kept[name]);
  return (finest ?? RESOLUTIONS.at(-1)!).slotMs;
}

/** Shortest and longest time that a resolution may be kept. */
const SHORTEST = { text: "10m", ms: 10 * MINUTE_MS };
const LONGEST = { text: "3650d", ms: 3_650 * DAY_MS };

/** What a text must look like. */
const FORM = "must be RESOLUTION:LENGTH, such as 1s:1h,10s:1d,1m:30d,1h:365d, with lengths in m, h or d";

/**
 * Reads how long each resolution is kept: "1s:1h,10s:1d,1m:30d,1h:365d". Those that are left out keep their default.
 *
 * Throws an error that says what the text must be.
 */
export function parseKept(text: string): Kept {
  const kept = new Map<ResolutionName, number>();
  for (const part of text.split(",")) {
    const [, name, count, unit] = /^\s*(\w+):(\d{1,7})([mhd])\s*$/.exec(part) ?? [];
    const resolution = RESOLUTIONS.find((one) => one.name === name);
    if (!resolution || !count || !unit) throw new Error(FORM);
    if (kept.has(resolution.name)) throw new Error(`must name ${name} once`);
    const lengthMs = Number(count) * UNITS[unit]!;
    if (lengthMs < SHORTEST.ms || lengthMs > LONGEST.ms) {
      throw new Error(`must keep ${name} from ${SHORTEST.text} to ${LONGEST.text}, not ${count}${unit}`);
    }
    kept.set(resolution.name, lengthMs);
  }
  return checkOrder({ ...DEFAULT_KEPT, ...Object.fromEntries(kept) });
}

function checkOrder(kept: Kept): Kept {
  for (const [at, { name }] of RESOLUTIONS.entries()) {
    const finer = RESOLUTIONS[at - 1]?.name;
    if (finer === undefined || kept[name] >= kept[finer]) continue;
    throw new Error(
      `must keep ${name} (${lengthText(kept[name])}) at least as long as ${finer} (${lengthText(kept[finer])})`,
    );
  }
  return kept;
}

function lengthText(ms: number): string {
  for (const [unit, unitMs] of [
    ["d", DAY_MS],
    ["h", HOUR_MS],
  ] as const)
    if (ms % unitMs === 0) return `${ms / unitMs}${unit}`;
  return `${ms / MINUTE_MS}m`;
}
