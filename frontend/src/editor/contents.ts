// What a column shows of what leaves it: a tile for each unit, a map for each channel, a strip of cells, or a plain sign.

import type { Column, Role } from "./graph.ts";
import { isSource } from "./graph.ts";

export type Content =
  /** One tile a unit. */
  | { kind: "tiles"; count: number }
  /** One map a channel, in a grid. */
  | { kind: "maps"; count: number }
  /** Many units as the cells of one tall tile. */
  | { kind: "strip"; count: number }
  /** Inputs come together. */
  | { kind: "merge" }
  /** Only the shape can be told. */
  | { kind: "plain" };

/** The most tiles, maps and cells that are shown of one layer; the rest is counted. */
export const MOST_TILES = 16;
export const MOST_CELLS = 128;

export interface Look {
  /** Units have their own pictures over the plane, so a large layer still shows its first ones. */
  pictured: boolean;
}

export function contentOf(column: Column, shape: readonly number[] | null, role: Role | null, look: Look): Content {
  if (!shape) return role === "merge" ? { kind: "merge" } : { kind: "plain" };
  if (shape.length === 3) return role === "merge" ? { kind: "merge" } : { kind: "maps", count: shape[0]! };
  if (shape.length !== 1) return role === "merge" ? { kind: "merge" } : { kind: "plain" };
  const count = shape[0]!;
  if (count <= MOST_TILES || look.pictured || isSource(column) && count <= MOST_TILES + 4) return { kind: "tiles", count };
  return role === "merge" ? { kind: "merge" } : { kind: "strip", count };
}
