/** Figures for people: three significant digits and always a unit. Zero is "0", what is not known is "–". */

export const unknown = "–";

/** Requests a second: "0", "0.0333/s", "41.7/s", "1.2k/s". */
export function formatRate(perSecond: number): string {
  return perSecond === 0 ? "0" : `${scaled(perSecond)}/s`;
}

/** Bytes a second, in powers of ten: "0", "310 B/s", "34.2 kB/s", "1.2 GB/s". */
export function formatBytesRate(perSecond: number): string {
  if (perSecond === 0) return "0";
  const text = scaled(perSecond);
  const digits = text.replace(/[kMG]$/, "");
  return `${digits} ${text.slice(digits.length)}B/s`;
}

/** A duration in seconds: "184 µs", "12.5 ms", "1.84 s", "2.5 min". */
export function formatDuration(seconds: number | undefined): string {
  if (seconds === undefined) return unknown;
  if (seconds === 0) return "0";
  const steps = [
    { unit: "µs", factor: 1e6, below: 1000 },
    { unit: "ms", factor: 1e3, below: 1000 },
    { unit: "s", factor: 1, below: 60 },
  ];
  for (const { unit, factor, below } of steps) {
    const value = significant(seconds * factor);
    if (value < below) return `${value} ${unit}`;
  }
  return `${significant(significant(seconds) / 60)} min`;
}

/** A share between 0 and 1 in percent: "0", "<0.01 %", "2.1 %", "100 %". */
export function formatShare(share: number): string {
  if (share === 0) return "0";
  return share < 0.0001 ? "<0.01 %" : `${significant(share * 100)} %`;
}

/** A whole number, in full: "36,012". */
export function formatCount(count: number): string {
  return count.toLocaleString("en-US");
}

/** "1 alert", "2,000 alerts". */
export function counted(count: number, one: string, many: string): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}

function scaled(value: number): string {
  for (const [suffix, factor] of [
    ["", 1],
    ["k", 1e3],
    ["M", 1e6],
  ] as const) {
    const digits = significant(value / factor);
    if (digits < 1000) return `${digits}${suffix}`;
  }
  return `${significant(value / 1e9)}G`;
}

/** Rounded before a unit is chosen, so that 999.7 becomes 1k and not 1000. */
function significant(value: number): number {
  return Number(value.toPrecision(3));
}
