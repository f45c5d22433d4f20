/**
 * The three charts of RED with uPlot: requests with errors stacked, error share, latency. Loaded when a panel first
 * opens; the map does not need it.
 */
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";

import type { Series } from "../data/api.ts";
import { formatDay, formatMinute, formatMoment } from "../model/format.ts";
import { lonely, withoutBaseline, type Row } from "./rows.ts";
import { readingOf, type PlotSpec, type Reading } from "./specs.ts";

/** Half the width of "09:30" in pixels. */
const HALF_LABEL = 16;
const DAY_SECONDS = 86_400;

/** The figures under the crosshair. */
export interface Cursor {
  readonly time: string;
  readonly reading: Reading;
}

/** A chart in a host element. `destroy` when it goes; `setData` when figures come. */
export class RedPlot {
  #plot: uPlot;
  #spec: PlotSpec;
  /** Seconds since the epoch, and what was measured; what is drawn of it may leave zeros out. */
  #times: readonly number[] = [];
  #rows: readonly Row[] = [];

  constructor(
    host: HTMLElement,
    options: { spec: PlotSpec; group: string; last: boolean; onRead: (at: Cursor | undefined) => void },
  ) {
    this.#spec = options.spec;
    const colour = roles(host);
    const axis = {
      stroke: colour("--text-faint"),
      font: `11px ${getComputedStyle(document.body).fontFamily}`,
      grid: { stroke: colour("--line"), width: 1 },
      ticks: { show: false },
    };
    const read = (plot: uPlot): void => options.onRead(this.#read(plot));
    this.#plot = new uPlot(
      {
        width: Math.max(1, host.clientWidth),
        height: options.last ? 108 : 92,
        padding: [8, 0, options.last ? 0 : 6, 0],
        legend: { show: false },
        cursor: { sync: { key: options.group }, y: false, drag: { x: false, y: false }, points: { size: 5 } },
        scales: {
          x: { time: true },
          y: { range: (_, low, most) => [Math.min(0, low ?? 0), Math.max(most ?? 0, this.#spec.least) * 1.08] },
        },
        axes: [
          {
            ...axis,
            show: options.last,
            size: 22,
            values: (plot, ticks) => ticks.map((tick) => (isClear(plot, tick) ? tickText(plot, tick) : "")),
          },
          {
            ...axis,
            size: 58,
            gap: 6,
            space: 28,
            ...(this.#spec.steps ? { incrs: this.#spec.steps } : {}),
            values: (_, ticks) => ticks.map((tick) => this.#spec.format(tick)),
          },
        ],
        series: [
          {},
          ...this.#spec.lines.map((line) => ({
            label: line.name,
            stroke: colour(line.stroke),
            width: line.width ?? 1.5,
            ...(line.fill ? { fill: `color-mix(in srgb, ${colour(line.fill)} 22%, transparent)` } : {}),
            ...(line.dash ? { dash: line.dash } : {}),
            points: { show: true, size: 3, fill: colour(line.stroke), filter: onlyLonely },
            spanGaps: false,
          })),
        ],
        hooks: { setCursor: [read], setData: [read] },
      },
      [[]],
      host,
    );
  }

  setData(series: Series): void {
    this.#times = series.points.map(({ atMs }) => atMs / 1000);
    this.#rows = this.#spec.rows(series);
    const drawn = this.#rows.map((row, line) => (this.#spec.lines[line]?.noBaseline ? withoutBaseline(row) : row));
    this.#plot.setData([this.#times, ...drawn] as uPlot.AlignedData, false);
    this.#plot.setScale("x", { min: series.fromMs / 1000, max: series.toMs / 1000 });
  }

  setWidth(width: number): void {
    if (width > 0) this.#plot.setSize({ width, height: this.#plot.height });
  }

  destroy(): void {
    this.#plot.destroy();
  }

  #read({ cursor: { idx } }: uPlot): Cursor | undefined {
    const time = typeof idx === "number" ? this.#times[idx] : undefined;
    if (typeof idx !== "number" || time === undefined) return undefined;
    const values = this.#rows.map((row) => row[idx] ?? null);
    const isLong = (this.#times.at(-1) ?? time) - (this.#times[0] ?? time) > DAY_SECONDS;
    return {
      time: isLong ? `${formatDay(time * 1000)}, ${formatMinute(time * 1000)}` : formatMoment(time * 1000),
      reading: readingOf(this.#spec, values),
    };
  }
}

/** Whether a time of the axis is far enough from the ends of the chart that its label is not cut off. */
function isClear(plot: uPlot, tick: number): boolean {
  const x = plot.valToPos(tick, "x");
  return x > HALF_LABEL && x < plot.over.clientWidth - HALF_LABEL;
}

/** Days where the chart spans several, minutes where it does not. */
function tickText(plot: uPlot, tick: number): string {
  const { min = 0, max = 0 } = plot.scales["x"] ?? {};
  return (max ?? 0) - (min ?? 0) > 2 * DAY_SECONDS ? dayOfMonth(tick * 1000) : formatMinute(tick * 1000);
}

/** "23 Nov": as narrow as a time of day. */
function dayOfMonth(atMs: number): string {
  return formatDay(atMs).replace(/^\S+ /, "");
}

/** uPlot draws points where this says: those that no line would show. */
const onlyLonely: uPlot.Series.Points.Filter = (plot, line) => lonely(plot.data[line] ?? []);

/** Canvas knows no custom properties; this resolves them where the chart stands. */
function roles(host: HTMLElement): (role: string) => string {
  const style = getComputedStyle(host);
  return (role) => style.getPropertyValue(role).trim();
}
