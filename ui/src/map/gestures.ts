/** Pointer and wheel on the map: drag pans, wheel and pinch zoom, a sideways swipe pans. */
import type { Camera } from "./camera.svelte.ts";

/** A press that moves less than this is a click. */
const CLICK_SLOP = 4;

/** Listens on the canvas; for `{@attach}`. */
export function gestures(camera: Camera): (canvas: HTMLElement) => () => void {
  return (canvas) => {
    const pointers = new Map<number, { x: number; y: number }>();
    let dragged = false;
    let start = { x: 0, y: 0 };

    const down = (event: PointerEvent): void => {
      if (event.button !== 0 && event.pointerType === "mouse") return;
      if (pointers.size === 0) {
        dragged = false;
        start = { x: event.clientX, y: event.clientY };
      }
      pointers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    };
    const move = (event: PointerEvent): void => {
      const before = pointers.get(event.pointerId);
      if (!before) return;
      if (!dragged && Math.hypot(event.clientX - start.x, event.clientY - start.y) < CLICK_SLOP) return;
      if (!dragged) {
        dragged = true;
        canvas.setPointerCapture(event.pointerId);
      }
      const now = { x: event.clientX, y: event.clientY };
      const other = [...pointers].find(([id]) => id !== event.pointerId)?.[1];
      if (other) {
        const { left, top } = canvas.getBoundingClientRect();
        const factor = distance(now, other) / Math.max(1, distance(before, other));
        camera.zoomBy(factor, { x: (now.x + other.x) / 2 - left, y: (now.y + other.y) / 2 - top });
      } else {
        camera.panBy(now.x - before.x, now.y - before.y);
      }
      pointers.set(event.pointerId, now);
    };
    const up = (event: PointerEvent): void => {
      pointers.delete(event.pointerId);
    };
    // A drag that ends over a card must not select it.
    const click = (event: MouseEvent): void => {
      if (!dragged) return;
      event.stopPropagation();
      event.preventDefault();
      dragged = false;
    };
    const wheel = (event: WheelEvent): void => {
      event.preventDefault();
      const sideways = !event.ctrlKey && (event.shiftKey || event.deltaX !== 0);
      if (sideways) {
        camera.panBy(-(event.deltaX || event.deltaY), event.shiftKey ? 0 : -event.deltaY);
        return;
      }
      const { left, top } = canvas.getBoundingClientRect();
      const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1;
      const strength = event.ctrlKey ? 0.01 : 0.0015;
      camera.zoomBy(Math.exp(-event.deltaY * lines * strength), { x: event.clientX - left, y: event.clientY - top });
    };

    canvas.addEventListener("pointerdown", down);
    canvas.addEventListener("pointermove", move);
    canvas.addEventListener("pointerup", up);
    canvas.addEventListener("pointercancel", up);
    canvas.addEventListener("click", click, true);
    canvas.addEventListener("wheel", wheel, { passive: false });
    return () => {
      canvas.removeEventListener("pointerdown", down);
      canvas.removeEventListener("pointermove", move);
      canvas.removeEventListener("pointerup", up);
      canvas.removeEventListener("pointercancel", up);
      canvas.removeEventListener("click", click, true);
      canvas.removeEventListener("wheel", wheel);
    };
  };
}

function distance(a: { x: number; y: number }, b: { x: number; y: number }): number {
  return Math.hypot(a.x - b.x, a.y - b.y);
}
