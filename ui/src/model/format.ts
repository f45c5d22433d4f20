/**
 * Figures as people read them: at most three significant digits, always with the unit, zero as "0", no data as an en
 * dash. The space before a unit does not break.
 */

/** Stands for "there is no figure"; whoever shows it gives the reason in a tooltip. */
export const NO_FIGURE = "–";

const SPACE = "\u00a0";

/** At most three significant digits, no trailing zeros: 1234 -> "1230", 0.5 -> "0.5", 12.34 -> "12.3". */
function threeDigits(value: number): string {
  if (value >= 100) return String(Math.round(value));
  return String(Number(value.toPrecision(3)));
}

/** 1234 -> "1.23k", 5_600_000 -> "5.6M". */
export function formatCount(value: number): string {
  if (value < 999.5) return threeDigits(value);
  if (value < 999_500) return `${threeDigits(value / 1e3)}k`;
  if (value < 999_500_000) return `${threeDigits(value / 1e6)}M`;
  return `${threeDigits(value / 1e9)}G`;
}

/** Requests a second; what is slower than one a minute says so instead of drowning in zeros. */
export function formatRate(perSecond: number): string {
  if (perSecond === 0) return "0/s";
  if (perSecond < 0.01) return "<0.01/s";
  return `${formatCount(perSecond < 1 ? Number(perSecond.toPrecision(2)) : perSecond)}/s`;
}

/** Bytes a second in powers of ten: "0 B/s", "310 B/s", "34.2 kB/s", "1.2 MB/s". */
export function formatBytesRate(perSecond: number): string {
  if (perSecond > 0 && perSecond < 1) return `<1${SPACE}B/s`;
  const text = formatCount(perSecond);
  const digits = text.replace(/[kMG]$/, "");
  return `${digits}${SPACE}${text.slice(digits.length)}B/s`;
}

/** A duration in milliseconds, in the unit that reads best; null is no figure. Connections live for hours and days. */
export function formatLatency(ms: number | null): string {
  if (ms === null) return NO_FIGURE;
  if (ms === 0) return `0${SPACE}ms`;
  if (ms < 0.9995) return `${threeDigits(ms * 1000)}${SPACE}µs`;
  if (ms < 999.5) return `${threeDigits(ms)}${SPACE}ms`;
  if (ms < 59_950) return `${threeDigits(ms / 1000)}${SPACE}s`;
  if (ms < 3_597_000) return `${threeDigits(ms / 60_000)}${SPACE}min`;
  if (ms < 172_000_000) return `${threeDigits(ms / 3_600_000)}${SPACE}h`;
  return `${threeDigits(ms / 86_400_000)}${SPACE}d`;
}

/** A share from 0 to 1 in per cent. What is not quite nothing never reads as 0, nor what is not quite all as 100. */
export function formatShare(share: number): string {
  if (share === 0) return "0";
  const percent = share * 100;
  if (percent < 0.1) return `<0.1${SPACE}%`;
  if (percent > 99.9 && percent < 100) return `>99.9${SPACE}%`;
  return `${percent < 10 ? Number(percent.toPrecision(2)) : threeDigits(percent)}${SPACE}%`;
}

/** 14:03:22 in the reader's own zone. */
export function formatClock(atMs: number): string {
  return clock.format(atMs);
}

/** 23 Nov 2026, 14:03:22.123 in the reader's own zone: what one looks for in a log. */
export function formatInstant(atMs: number): string {
  return instant.format(atMs);
}

/** 14:03, for axes and "since". */
export function formatMinute(atMs: number): string {
  return minute.format(atMs);
}

/** "14:03:22" of today, "Mon 23 Nov, 14:03" of another day, in the reader's own zone. */
export function formatMoment(atMs: number, nowMs = Date.now()): string {
  return day.format(atMs) === day.format(nowMs) ? clock.format(atMs) : `${day.format(atMs)}, ${minute.format(atMs)}`;
}

/** "Mon 23 Nov", for axes that are longer than a day. */
export function formatDay(atMs: number): string {
  return day.format(atMs);
}

/** What a picture is of: "last 30 s", or in the past "5 min before 14:03:22". */
export function formatWindow(seconds: number, atMs: number | null): string {
  return atMs === null
    ? `last ${formatSpan(seconds * 1000)}`
    : `${formatSpan(seconds * 1000)} before ${formatMoment(atMs)}`;
}

/** How long ago, coarsely: "4 s", "3 min", "2 h", "5 d". */
export function formatSpan(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return `${seconds}${SPACE}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}${SPACE}min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return `${hours}${SPACE}h`;
  return `${Math.floor(hours / 24)}${SPACE}d`;
}

/** "1 service", "3 services". */
export function countOf(count: number, one: string, many = `${one}s`): string {
  return `${count < 1000 ? count : formatCount(count)}${SPACE}${count === 1 ? one : many}`;
}

const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const day = new Intl.DateTimeFormat("en-GB", { weekday: "short", day: "numeric", month: "short" });
const minute = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const instant = new Intl.DateTimeFormat("en-GB", {
  day: "numeric",
  month: "short",
  year: "numeric",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  fractionalSecondDigits: 3,
});
