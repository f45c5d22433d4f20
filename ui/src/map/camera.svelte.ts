/** The view onto the map: screen = world x zoom + offset. */
import type { Place } from "./layout/graph.ts";

export const ZOOM = { least: 0.08, most: 2, step: 1.25 } as const;

const MOVE_MS = 190;

interface View {
  readonly x: number;
  readonly y: number;
  readonly zoom: number;
}

export class Camera {
  view = $state.raw<View>({ x: 0, y: 0, zoom: 1 });
  width = $state(0);
  height = $state(0);
  /** Whether the camera follows the map by itself; ends with the first pan or zoom, begins again with "fit". */
  follows = $state(true);
  /** Whether a gesture is going on; then the picture is scaled as a bitmap and drawn sharp when it ends. */
  moving = $state(false);

  #frame = 0;
  #settle: ReturnType<typeof setTimeout> | undefined;

  panBy(dx: number, dy: number): void {
    this.follows = false;
    this.#jump({ ...this.view, x: this.view.x + dx, y: this.view.y + dy });
  }

  /** Zooms around a point of the screen; without one around the middle. */
  zoomBy(factor: number, at = { x: this.width / 2, y: this.height / 2 }): void {
    this.follows = false;
    const zoom = clamp(this.view.zoom * factor, ZOOM.least, ZOOM.most);
    const scale = zoom / this.view.zoom;
    this.#jump({ x: at.x - (at.x - this.view.x) * scale, y: at.y - (at.y - this.view.y) * scale, zoom });
  }

  /** Shows the whole rectangle, little larger than life; where that would be unreadable, its readable part around `focus`. */
  fit(bounds: Place, options: { readable: number; focus?: Place | undefined; animate: boolean }): void {
    if (this.width === 0 || this.height === 0) return;
    const margin = this.width < 600 ? 16 : 32;
    // The lower left corner holds the controls and notices; the map keeps clear of them.
    const bottom = margin + 28;
    const whole = Math.min(
      (this.width - 2 * margin) / Math.max(1, bounds.width),
      (this.height - margin - bottom) / Math.max(1, bounds.height),
      1.15,
    );
    const zoom = clamp(Math.max(whole, options.readable), ZOOM.least, ZOOM.most);
    const focus = options.focus ?? bounds;
    const room = { width: this.width, height: this.height - bottom + margin };
    this.#glide(
      {
        x: centred(bounds.x, bounds.width, focus.x + focus.width / 2, { size: room.width, margin, zoom }),
        y: centred(bounds.y, bounds.height, focus.y + focus.height / 2, { size: room.height, margin, zoom }),
        zoom,
      },
      options.animate,
    );
  }

  /** Pans just so far that the rectangle is in sight. */
  reveal(place: Place): void {
    const { x, y, zoom } = this.view;
    const margin = 32;
    const left = place.x * zoom + x;
    const top = place.y * zoom + y;
    const dx = intoSight(left, place.width * zoom, this.width, margin);
    const dy = intoSight(top, place.height * zoom, this.height, margin);
    if (dx !== 0 || dy !== 0) this.#glide({ x: x + dx, y: y + dy, zoom }, true);
  }

  #jump(view: View): void {
    cancelAnimationFrame(this.#frame);
    this.view = view;
    this.moving = true;
    clearTimeout(this.#settle);
    this.#settle = setTimeout(() => (this.moving = false), 150);
  }

  #glide(to: View, animate: boolean): void {
    cancelAnimationFrame(this.#frame);
    if (!animate || matchMedia("(prefers-reduced-motion: reduce)").matches) {
      this.view = to;
      return;
    }
    const from = this.view;
    const start = performance.now();
    const step = (now: number): void => {
      const linear = clamp((now - start) / MOVE_MS, 0, 1);
      const t = 1 - (1 - linear) ** 3;
      this.view = { x: mix(from.x, to.x, t), y: mix(from.y, to.y, t), zoom: mix(from.zoom, to.zoom, t) };
      if (linear < 1) this.#frame = requestAnimationFrame(step);
    };
    this.#frame = requestAnimationFrame(step);
  }
}

/** Offset that centres the focus, without leaving empty room on one side while the map is cut off on the other. */
function centred(
  from: number,
  length: number,
  focus: number,
  { size, margin, zoom }: { size: number; margin: number; zoom: number },
): number {
  if (length * zoom <= size - 2 * margin) return size / 2 - (from + length / 2) * zoom;
  return clamp(size / 2 - focus * zoom, size - margin - (from + length) * zoom, margin - from * zoom);
}

function intoSight(start: number, length: number, size: number, margin: number): number {
  if (start < margin) return margin - start;
  if (start + length > size - margin) return Math.max(size - margin - start - length, margin - start);
  return 0;
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value));
}

function mix(from: number, to: number, t: number): number {
  return from + (to - from) * t;
}
