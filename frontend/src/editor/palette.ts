// Which layers the palette lists, and in what order, for what is typed into it.

import type { Catalogue, LayerDoc, Words } from "../api/types.ts";

export interface Group {
  title: Words;
  layers: LayerDoc[];
}

/** Every layer but the output, by group in the catalogue's order; a query must be found in the title, the name or the summary. */
export function groupsOf(catalogue: Catalogue, query: string): Group[] {
  const wanted = query.trim().toLowerCase();
  const groups = new Map<string, Group>();
  for (const doc of catalogue.layers) {
    if (doc.role === "output" || !matches(doc, wanted)) continue;
    const group = groups.get(doc.group.en) ?? { title: doc.group, layers: [] };
    group.layers.push(doc);
    groups.set(doc.group.en, group);
  }
  return [...groups.values()];
}

function matches(doc: LayerDoc, wanted: string): boolean {
  const texts = [doc.op.replaceAll("_", " "), doc.title.en, doc.title.zh, doc.group.en, doc.group.zh, doc.summary.en, doc.summary.zh];
  return texts.some((text) => text.toLowerCase().includes(wanted));
}
