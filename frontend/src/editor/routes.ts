// The ways between columns: bundles of links from tile to tile, and arcs over the columns for connections that skip some.

import type { Wire } from "./graph.ts";
import type { Placed } from "./layout.ts";

/** Links from one column to the next: x and the heights where they start and end. */
export interface Bundle {
  from: number;
  to: number;
  x0: number;
  x1: number;
  /** Each to each, each to its own (from `offset` on), or one broad ribbon where single links would say nothing. */
  kind: "all" | "each" | "ribbon";
  starts: number[];
  ends: number[];
  offset: number;
}

/** A skip: a line up, over the columns between, and down to an arrow head. */
export interface Arc {
  from: number;
  to: number;
  path: string;
  /** The arrow's point. */
  x: number;
  y: number;
}

const LANE = 13;

/** Heights at which single links may start or end; null where a column is not a single row of tiles. */
function anchors(placed: Placed): number[] | null {
  if (placed.grid > 1 || placed.content.kind === "strip" || placed.content.kind === "plain") return null;
  if (placed.cells.length === 0) return placed.circle ? [placed.circle.y] : null;
  return placed.cells.map((cell) => cell.y + cell.height / 2);
}

export function bundleOf(wire: Wire, columns: readonly Placed[], elementwise: boolean, offset: number): Bundle {
  const from = columns[wire.from]!;
  const to = columns[wire.to]!;
  const base = { from: wire.from, to: wire.to, x0: from.frame.x + from.frame.width, x1: to.frame.x };
  const starts = anchors(from);
  const ends = anchors(to);
  if (!starts || !ends) return { ...base, kind: "ribbon", starts: span(from), ends: span(to), offset: 0 };
  const single = starts.length === 1 || ends.length === 1;
  return { ...base, kind: elementwise && !single ? "each" : "all", starts, ends, offset };
}

function span(placed: Placed): number[] {
  return [placed.frame.y, placed.frame.y + placed.frame.height];
}

/** The lane of each skip, counted from the lowest, so that no two lines lie on each other. */
export function lanesOf(skips: readonly Wire[]): number[] {
  const taken: Wire[][] = [];
  const order = skips.map((_, index) => index).sort((a, b) => length(skips[a]!) - length(skips[b]!));
  const lanes = skips.map(() => 0);
  for (const index of order) {
    const skip = skips[index]!;
    let lane = taken.findIndex((others) => others.every((other) => other.to <= skip.from || skip.to <= other.from));
    if (lane < 0) lane = taken.push([]) - 1;
    taken[lane]!.push(skip);
    lanes[index] = lane;
  }
  return lanes;
}

function length(wire: Wire): number {
  return wire.to - wire.from;
}

/** Height that the skips need above the columns. */
export function lanesHeight(skips: readonly Wire[]): number {
  return skips.length ? (Math.max(...lanesOf(skips)) + 1) * LANE + 10 : 0;
}

/** Arcs whose lowest lane runs at height `floor`. */
export function arcsOf(skips: readonly Wire[], columns: readonly Placed[], floor: number): Arc[] {
  const lanes = lanesOf(skips);
  return skips.map((skip, index) => {
    const from = columns[skip.from]!;
    const to = columns[skip.to]!;
    const top = floor - lanes[index]! * LANE;
    const leaving = skips.filter((other) => other.from === skip.from);
    const arriving = skips.filter((other) => other.to === skip.to);
    const x0 = from.x + beside(leaving.indexOf(skip), leaving.length, skips.some((other) => other.to === skip.from) ? 7 : 0);
    const x1 = to.x - beside(arriving.indexOf(skip), arriving.length, skips.some((other) => other.from === skip.to) ? 7 : 0);
    const y0 = from.circle ? from.circle.y - Math.sqrt(Math.max(0, from.circle.radius ** 2 - (x0 - from.x) ** 2)) : from.frame.y - 4;
    const y1 = (to.circle ? to.circle.y - to.circle.radius : to.frame.y) - 3;
    const bend = Math.min(16, (x1 - x0) / 2, Math.max(2, y0 - top), Math.max(2, y1 - top));
    const path = `M${x0} ${y0}V${top + bend}Q${x0} ${top} ${x0 + bend} ${top}H${x1 - bend}Q${x1} ${top} ${x1} ${top + bend}V${y1 - 4}`;
    return { from: skip.from, to: skip.to, path, x: x1, y: y1 };
  });
}

function beside(place: number, count: number, shift: number): number {
  return shift + (place - (count - 1) / 2) * 8;
}
