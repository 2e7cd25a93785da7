// From the list of nodes to the columns of the diagram: what is drawn together, what feeds what, where a layer may go.

import type { Catalogue, LayerDoc, Node } from "../api/types.ts";

/** The id by which a node refers to all that the dataset gives; where an example has several inputs, each has a name beside it. */
export const DATA = "data";

export type Role = LayerDoc["role"];
export type LayerDocs = ReadonlyMap<string, LayerDoc>;

/** Nodes that are drawn as one: a layer, and the activation and regularisation right behind it; behind pooling and the like, regularisation only. */
export interface Column {
  /** Id of the first node, or the name of an input: "data", or one of several. */
  id: string;
  /** The nodes, in order; none for an input. */
  nodes: Node[];
  /** Id of what leaves the column. */
  tail: string;
  /** Ids of what enters it. */
  inputs: string[];
}

/** A wire from one column to a later one; `slot` is its place among the inputs of the later one. */
export interface Wire {
  from: number;
  to: number;
  slot: number;
}

export function layerDocs(catalogue: Catalogue): LayerDocs {
  return new Map(catalogue.layers.map((doc) => [doc.op, doc]));
}

/** Where the node at `position` gets its inputs from, with the default made plain. */
export function inputsOf(nodes: readonly Node[], position: number): string[] {
  const inputs = nodes[position]?.inputs;
  if (inputs?.length) return [...inputs];
  return [nodes[position - 1]?.id ?? DATA];
}

/** Whether the column is an input of the network. */
export function isSource(column: Column): boolean {
  return column.nodes.length === 0;
}

function source(id: string): Column {
  return { id, nodes: [], tail: id, inputs: [] };
}

/** The columns from the inputs to the output. A node joins the column before it when it only refines what nobody else reads.
 * Of several inputs (`parts`) each stands before the first node that reads it, and those that nobody reads at the front. */
export function columnsOf(nodes: readonly Node[], docs: LayerDocs, parts: readonly string[] = []): Column[] {
  const readers = readersOf(nodes);
  const front = parts.length ? [...(readers.has(DATA) ? [DATA] : []), ...parts.filter((part) => !readers.has(part))] : [DATA];
  const columns = front.map(source);
  const waiting = new Set(parts.filter((part) => readers.has(part)));
  nodes.forEach((node, position) => {
    const inputs = inputsOf(nodes, position);
    for (const input of inputs) if (waiting.delete(input)) columns.push(source(input));
    const last = columns.at(-1);
    const only = last && inputs.length === 1 && inputs[0] === last.tail && readers.get(last.tail)?.length === 1;
    if (only && refines(node, docs) && takesRefinement(last, node, docs)) {
      last.nodes.push(node);
      last.tail = node.id;
    } else {
      columns.push({ id: node.id, nodes: [node], tail: node.id, inputs });
    }
  });
  return columns;
}

function refines(node: Node, docs: LayerDocs): boolean {
  const role = docs.get(node.layer.op)?.role;
  return role === "activation" || role === "regularise";
}

function takesRefinement(column: Column, node: Node, docs: LayerDocs): boolean {
  const role = docs.get(column.nodes[0]?.layer.op ?? "")?.role;
  if (role === "shape") return docs.get(node.layer.op)?.role === "regularise";
  return role === "weights" || role === "merge";
}

function readersOf(nodes: readonly Node[]): Map<string, string[]> {
  const readers = new Map<string, string[]>();
  nodes.forEach((node, position) => {
    for (const input of inputsOf(nodes, position)) readers.set(input, [...(readers.get(input) ?? []), node.id]);
  });
  return readers;
}

/** Every wire between columns; ids that name no column are left out (the server reports them). */
export function wiresOf(columns: readonly Column[]): Wire[] {
  const place = new Map<string, number>();
  columns.forEach((column, index) => {
    place.set(column.id, index);
    for (const node of column.nodes) place.set(node.id, index);
  });
  return columns.flatMap((column, to) =>
    column.inputs.flatMap((input, slot) => {
      const from = place.get(input);
      return from === undefined || from >= to ? [] : [{ from, to, slot }];
    }),
  );
}

/** Index of the column that holds a node; -1 when there is none. */
export function columnOf(columns: readonly Column[], id: string): number {
  return columns.findIndex((column) => column.id === id || column.nodes.some((node) => node.id === id));
}

/** Ids behind which a layer may be put: the tail of every column but the last. */
export function insertPositions(columns: readonly Column[]): string[] {
  return columns.slice(0, -1).map((column) => column.tail);
}

/** Ids behind which a whole column may be moved: somewhere else, with every node still behind its inputs. */
export function movePositions(nodes: readonly Node[], columns: readonly Column[], index: number): string[] {
  const column = columns[index];
  if (!column || isSource(column) || index === columns.length - 1) return [];
  return insertPositions(columns).filter((after, gap) => {
    if (gap === index || gap === index - 1) return false;
    return inOrder(moved(nodes, column.nodes.map((node) => node.id), after));
  });
}

/** The nodes with some of them put, in their order, behind node `after`. */
export function moved(nodes: readonly Node[], ids: readonly string[], after: string): Node[] {
  const moving = nodes.filter((node) => ids.includes(node.id));
  const staying = nodes.filter((node) => !ids.includes(node.id));
  // Behind an input is at the front.
  const at = staying.findIndex((node) => node.id === after) + 1;
  return [...staying.slice(0, at), ...moving, ...staying.slice(at)];
}

function inOrder(nodes: readonly Node[]): boolean {
  const all = new Set(nodes.map((node) => node.id));
  const seen = new Set<string>();
  return nodes.every((node) => {
    // What is no node is an input of the network, which comes before all of them.
    const fits = (node.inputs ?? []).every((input) => seen.has(input) || !all.has(input));
    seen.add(node.id);
    return fits;
  });
}
