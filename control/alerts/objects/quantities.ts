/** Quantities as people write them, always with their unit. */

const MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 7 * 86_400_000,
};

/** "300ms", "1.5s", "5m", "30d". @returns milliseconds @throws Error that says what it must look like */
export function parseDuration(text: string): number {
  const [, digits = "", unit = ""] = /^(\d{1,9}(?:\.\d{1,3})?) ?([a-zA-Z]+)?$/.exec(text) ?? [];
  if (digits === "") throw new Error(`"${shown(text)}" is no duration; write it like 300ms, 5m or 30d`);
  if (unit === "")
    throw new Error(`${digits} of what? Write the unit: ${digits}ms, ${digits}s, ${digits}m, ${digits}h or ${digits}d`);
  const factor = MS[unit];
  if (factor === undefined) throw new Error(`"${unit}" is no unit of time; there are ms, s, m, h, d and w`);
  return exact(Number(digits) * factor);
}

/** In the largest unit that it is a whole number of. */
export function durationText(ms: number): string {
  const [unit, factor] = Object.entries(MS)
    .filter(([name]) => name !== "w")
    .reverse()
    .find(([, each]) => ms % each === 0) ?? ["ms", 1];
  return `${ms / factor}${unit}`;
}

/** "5%", "0.05 %". @returns a share, 0 to 1 @throws Error that says what it must look like */
export function parsePercent(text: string): number {
  const [, digits = "", sign = ""] = /^(\d{1,3}(?:\.\d{1,9})?) ?(%?)$/.exec(text) ?? [];
  if (digits === "") throw new Error(`"${shown(text)}" is no share; write it like 5% or 0.1%`);
  const value = Number(digits);
  if (sign === "")
    throw new Error(`${digits} of what? Write ${digits}%${value < 1 && value > 0 ? `, or ${percentText(value)}` : ""}`);
  if (value > 100) throw new Error(`${digits}% is more than all`);
  return exact(value / 100);
}

/** Of a share of 0 to 1. */
export function percentText(share: number): string {
  return `${exact(share * 100)}%`;
}

/**
 * What share is promised: "99.9", "99.9%". @returns 0 to 1
 * @throws Error that says what it must look like
 */
export function parseObjective(text: string): number {
  const [, digits = ""] = /^(\d{1,3}(?:\.\d{1,9})?) ?%?$/.exec(text) ?? [];
  if (digits === "")
    throw new Error(`"${shown(text)}" is no objective; write the percent that are to be good, such as 99.9`);
  const value = Number(digits);
  if (value > 0 && value <= 1) {
    const meant = value === 1 ? "99.9" : String(exact(value * 100));
    throw new Error(`${digits} percent is hardly meant; objectives are percent, so write ${meant}`);
  }
  if (value === 100) throw new Error("100 leaves no budget, so that the first failure breaks it; write 99.9 or 99.99");
  if (value < 50 || value > 100) throw new Error(`${digits} must be percent, from 50 to below 100, such as 99.9`);
  return exact(value / 100);
}

/** "10/s", "600/min", "5/h". @returns requests a second @throws Error that says what it must look like */
export function parseRate(text: string): number {
  const [, digits = "", unit = ""] = /^(\d{1,9}(?:\.\d{1,6})?) ?(?:\/ ?([a-z]+))?$/.exec(text) ?? [];
  if (digits === "") throw new Error(`"${shown(text)}" is no rate; write it like 10/s, 600/m or 5/h`);
  if (unit === "") throw new Error(`${digits} in what time? Write ${digits}/s, ${digits}/m or ${digits}/h`);
  const factor = { s: 1, m: 60, min: 60, h: 3_600 }[unit];
  if (factor === undefined) throw new Error(`"/${unit}" is no unit of a rate; there are /s, /m and /h`);
  return Number(digits) / factor;
}

/** "2026-03-01T10:00:00Z". @returns milliseconds since the epoch @throws Error that says what it must look like */
export function parseInstant(text: string): number {
  if (!/^\d{4}-\d\d-\d\d[T ]\d\d:\d\d/.test(text))
    throw new Error(`"${shown(text)}" is no time; write it like 2026-03-01T10:00:00Z`);
  if (!/(?:Z|[+-]\d\d:?\d\d)$/.test(text))
    throw new Error(`${shown(text)} where? Write the zone: ${shown(text)}Z for UTC, or ${shown(text)}+01:00`);
  const time = Date.parse(text);
  if (Number.isNaN(time)) throw new Error(`"${shown(text)}" is no time that there is`);
  return time;
}

/** Without what binary fractions add: 99.9 / 100 is 0.9990000000000001. */
function exact(value: number): number {
  return Number(value.toPrecision(12));
}

function shown(text: string): string {
  return text.slice(0, 64);
}
