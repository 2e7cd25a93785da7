// What the tiles and links of a layout show just now: live pictures and weights, found by the ids of the nodes.

import type { Matrix } from "../api/types.ts";
import { type Column, columnOf } from "./graph.ts";
import type { Layout } from "./layout.ts";
import type { BundleWeights, Spot } from "./links.ts";
import type { Picture, Planes } from "./planes.ts";
import { cellOf, pictureOf } from "./planes.ts";

/** A neuron, channel or input, as the page knows it. */
export interface Unit {
  node: string;
  unit: number;
}

export interface Sources {
  /** Pictures over the plane of the two inputs, and what each layer makes of one example. */
  overPlane: Planes;
  ofExample: Planes;
  /** Ids by which each column's pictures may be known. */
  ids: string[][];
}

/** The picture of one unit; its number as a picture of one cell where a layer is known only as a row of numbers. */
export function pictureAt(layout: Layout, { overPlane, ofExample, ids }: Sources, column: number, unit: number): Picture | null {
  const names = ids[column]!;
  if (layout.columns[column]!.content.kind === "maps") return pictureOf(ofExample, names, unit);
  return pictureOf(overPlane, names, unit) ?? cellOf(ofExample, names, unit);
}

export function picturesOf(layout: Layout, sources: Sources): (Picture | null)[][] {
  return layout.columns.map((placed, column) => placed.cells.map((_, unit) => pictureAt(layout, sources, column, unit)));
}

/** The weights that can be told apart on the links: those between a tile a unit on the left and the layer on the right. */
export function weightsOf(layout: Layout, weights: Record<string, Matrix>): BundleWeights {
  return layout.bundles.map((bundle) => {
    const separate = layout.columns[bundle.from]!.content.kind === "tiles";
    return separate ? (weights[layout.columns[bundle.to]!.column.id]?.values ?? null) : null;
  });
}

export function spotOf(unit: Unit | null, columns: readonly Column[]): Spot | null {
  if (!unit) return null;
  const column = unit.node === "output" ? columns.length - 1 : columnOf(columns, unit.node);
  return column < 0 ? null : { column, cell: unit.unit };
}
