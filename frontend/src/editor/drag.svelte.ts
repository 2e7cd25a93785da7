// Taking a column by its header and putting it down between two others.

import type { Gap } from "./layout.ts";

const SLACK = 5;

export class ColumnDrag {
  /** Index of the column in hand; null when none is, or while the pointer has hardly moved. */
  index = $state<number | null>(null);
  /** How far it has been carried, in pixels. */
  offset = $state(0);
  /** The gap where it would land. */
  target = $state<Gap | null>(null);

  #held: { index: number; x: number; pointer: number; gaps: Gap[] } | null = null;

  /** Takes a column by the pointer; `gaps` are the places where it may go. */
  take(event: PointerEvent, index: number, gaps: Gap[]): void {
    if (event.button !== 0 || gaps.length === 0) return;
    this.#held = { index, x: event.clientX, pointer: event.pointerId, gaps };
  }

  /** Follows the pointer; `x` is where it is on the stage. */
  move(event: PointerEvent, x: number): void {
    const held = this.#held;
    if (!held || event.pointerId !== held.pointer) return;
    const offset = event.clientX - held.x;
    if (this.index === null && Math.abs(offset) < SLACK) return;
    // Only now: a captured pointer would take the click from the title that was pressed.
    if (this.index === null) (event.currentTarget as HTMLElement).setPointerCapture(event.pointerId);
    this.index = held.index;
    this.offset = offset;
    const nearest = held.gaps.reduce((best, gap) => (Math.abs(gap.x - x) < Math.abs(best.x - x) ? gap : best));
    this.target = Math.abs(nearest.x - x) < 120 ? nearest : null;
  }

  /** Lets go; gives the place where the column lands, if it has been carried to one. */
  drop(): { index: number; gap: Gap } | null {
    const landed = this.index !== null && this.target ? { index: this.index, gap: this.target } : null;
    this.cancel();
    return landed;
  }

  cancel(): void {
    this.#held = null;
    this.index = null;
    this.offset = 0;
    this.target = null;
  }
}
