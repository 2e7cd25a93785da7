// Where in a heatmap the picture of one unit or channel lies.

import type { Heatmap, Plane } from "../api/types.ts";

/** One map with its own bytes. */
export interface Picture {
  plane: Plane;
  cells: Uint8Array;
}

export type Planes = ReadonlyMap<string, Picture>;

const EMPTY: Planes = new Map();

export function planesOf(heatmap: Heatmap | null): Planes {
  if (!heatmap) return EMPTY;
  const planes = new Map<string, Picture>();
  let start = 0;
  for (const plane of heatmap.planes) {
    const end = start + plane.width * plane.height;
    planes.set(keyOf(plane.node, plane.unit), { plane, cells: heatmap.cells.subarray(start, end) });
    start = end;
  }
  return planes;
}

export function keyOf(node: string, unit: number): string {
  return `${node}:${unit}`;
}

/** The picture of a unit by the first of several ids that has one. */
export function pictureOf(planes: Planes, ids: readonly string[], unit: number): Picture | null {
  for (const id of ids) {
    const found = planes.get(keyOf(id, unit));
    if (found) return found;
  }
  return null;
}

/** The one cell of a unit where a layer's units share one plane (a row of numbers), as a picture of its own. */
export function cellOf(planes: Planes, ids: readonly string[], unit: number): Picture | null {
  const row = pictureOf(planes, ids, 0);
  if (!row || (row.plane.width > 1 && row.plane.height > 1) || unit >= row.cells.length) return null;
  return { plane: { ...row.plane, unit, width: 1, height: 1 }, cells: row.cells.subarray(unit, unit + 1) };
}

/** The number that a byte stands for; null where it is not a number. */
export function valueOf(byte: number, scale: number): number | null {
  return byte === 255 ? null : ((byte - 127) / 127) * scale;
}
