// Which features of a point the network is given, and which more it could be given.

import type { Catalogue, Words } from "../api/types.ts";

export interface Feature {
  name: string;
  label: Words;
  on: boolean;
}

/** Every feature in the catalogue's order; empty when the inputs are not features of points. */
export function featuresOf(catalogue: Catalogue, columns: readonly Words[]): Feature[] {
  for (const dataset of catalogue.datasets) {
    const options = dataset.fields.find((field) => field.name === "features" && field.kind === "choices")?.options;
    if (!options || !columns.length || !columns.every((column) => options.some((option) => option.label.en === column.en))) continue;
    return options.map(({ value, label }) => ({ name: String(value), label, on: columns.some((column) => column.en === label.en) }));
  }
  return [];
}
