// Which layers the palette lists, and in what order, for what is typed into it.

import type { Catalogue, LayerDoc, Words } from "../api/types.ts";

export interface Group {
  title: Words;
  layers: LayerDoc[];
}

/** Every layer but the output, by group in the catalogue's order; a query found in titles or names counts before one found in summaries. */
export function groupsOf(catalogue: Catalogue, query: string): Group[] {
  const wanted = query.trim().toLowerCase();
  const groups = new Map<string, Group>();
  const named = catalogue.layers.filter((doc) => found(namesOf(doc), wanted));
  const described = catalogue.layers.filter((doc) => !named.includes(doc) && found([doc.summary.en, doc.summary.zh], wanted));
  for (const doc of [...named, ...described]) {
    if (doc.role === "output") continue;
    const group = groups.get(doc.group.en) ?? { title: doc.group, layers: [] };
    group.layers.push(doc);
    groups.set(doc.group.en, group);
  }
  return [...groups.values()];
}

function namesOf(doc: LayerDoc): string[] {
  return [doc.op.replaceAll("_", " "), doc.title.en, doc.title.zh, doc.group.en, doc.group.zh];
}

function found(texts: readonly string[], wanted: string): boolean {
  return texts.some((text) => text.toLowerCase().includes(wanted));
}
