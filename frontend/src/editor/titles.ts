// What a column is called: its title piece by piece, the line below it, and its name for those who listen.

import type { Check, Locale, Node, Words } from "../api/types.ts";
import { say } from "../api/types.ts";
import type { Column, LayerDocs } from "./graph.ts";
import { DATA, isSource } from "./graph.ts";
import { editorWords, shortTitles, sizes } from "./words.ts";

/** What each of several inputs is called, by the name that nodes use. */
export type Parts = Readonly<Record<string, Words>>;

/** One node's part of a column's title. */
export interface Piece {
  id: string;
  text: string;
}

const SIZE_FIELDS = ["units", "channels", "filters"] as const;

/** How a node is called in the diagram: "Dense 8", "tanh", "dropout 0.2". Later pieces of a column are not capitalised. */
export function nodeTitle(node: Node, docs: LayerDocs, locale: Locale, first = true): string {
  const doc = docs.get(node.layer.op);
  const words = shortTitles[node.layer.op] ?? doc?.title;
  const title = words ? say(words, locale) : node.layer.op;
  const size = SIZE_FIELDS.map((field) => node.layer[field] ?? doc?.defaults[field]).find((value) => typeof value === "number");
  const rate = doc?.role === "regularise" ? (node.layer.rate ?? doc.defaults.rate) : undefined;
  const number = doc?.role === "weights" ? size : rate;
  return [first ? title : uncapitalised(title), number].filter((part) => part !== undefined).join(" ");
}

/** ReLU and GELU stay as they are, Tanh becomes tanh. */
function uncapitalised(title: string): string {
  return /^\p{Lu}\p{Ll}/u.test(title) && !/\p{Lu}/u.test(title.slice(1)) ? title[0]!.toLowerCase() + title.slice(1) : title;
}

export function pieces(column: Column, docs: LayerDocs, locale: Locale, parts: Parts = {}): Piece[] {
  const part = parts[column.id];
  if (isSource(column)) return [{ id: column.id, text: part ? say(part, locale) : editorWords[locale].data }];
  return column.nodes.map((node, index) => ({ id: node.id, text: nodeTitle(node, docs, locale, index === 0) }));
}

/** Weights of all nodes of the column; null before the first check. */
export function parametersOf(column: Column, check: Check | null): number | null {
  if (!check) return null;
  return column.nodes.reduce((sum, node) => sum + (check.nodes[node.id]?.parameters ?? 0), 0);
}

/** Shape of what leaves the column; null where it is not known. */
export function shapeOf(column: Column, check: Check | null, data: readonly number[] | null): readonly number[] | null {
  if (column.id === DATA) return data ?? check?.data.shape ?? null;
  if (isSource(column)) return check?.parts[column.id]?.shape ?? null;
  return check?.nodes[column.tail]?.shape ?? null;
}

/** The line below the title: the weights, or the shape where there are none. */
export function subtitle(column: Column, parameters: number | null, shape: readonly number[] | null, locale: Locale): string {
  const words = editorWords[locale];
  if (!isSource(column) && parameters) return words.weights(parameters);
  if (shape?.length !== 1) return shape ? shape.join("×") : "";
  return isSource(column) ? words.given(shape[0]!) : words.units(shape[0]!);
}

/** "Layer 2: dense, 8 units, 72 weights"; with the layers it reads from where these are not just the one before. */
export function spokenName(
  index: number,
  title: string,
  parameters: number | null,
  shape: readonly number[] | null,
  sources: string[],
  locale: Locale,
): string {
  const words = editorWords[locale];
  const parts = [title];
  if (shape) parts.push(shape.length === 1 ? words.units(shape[0]!) : sizes(shape));
  if (parameters) parts.push(words.weights(parameters));
  if (sources.length) parts.push(words.fedBy(sources));
  const name = words.column(parts);
  if (index === 0) return name;
  return locale === "zh" ? `${words.layer(index)}：${name}` : `${words.layer(index)}: ${name}`;
}
