// What every column will show, before anything has a place: the step from the props of the diagram to its layout.

import type { Catalogue, Check, Locale, Node, Task, Words } from "../api/types.ts";
import { say } from "../api/types.ts";
import { contentOf } from "./contents.ts";
import type { Column, LayerDocs, Wire } from "./graph.ts";
import { columnsOf, isSource, layerDocs, wiresOf } from "./graph.ts";
import type { Plan } from "./layout.ts";
import type { Parts, Piece } from "./titles.ts";
import { parametersOf, pieces, shapeOf, spokenName, subtitle } from "./titles.ts";
import { editorWords } from "./words.ts";

export interface Drawing {
  docs: LayerDocs;
  columns: Column[];
  wires: Wire[];
  plans: Plan[];
  shapes: (readonly number[] | null)[];
  /** Title of each column, node by node. */
  pieces: Piece[][];
  /** Name of each column for those who listen. */
  names: string[];
}

export interface Subject {
  nodes: readonly Node[];
  data: { shape: readonly number[]; columns: readonly Words[] } | null;
  /** The inputs, where an example has several. */
  parts?: Parts;
  catalogue: Catalogue;
  check: Check | null;
  task: Task | null;
  /** Whether units have pictures of their own over the plane. */
  pictured: boolean;
  /** How many more features the network could be given. */
  chips: number;
  locale: Locale;
}

export function drawingOf({ nodes, data, parts = {}, catalogue, check, task, pictured, chips, locale }: Subject): Drawing {
  const docs = layerDocs(catalogue);
  const columns = columnsOf(nodes, docs, Object.keys(parts));
  const shapes = columns.map((column) => shapeOf(column, check, data?.shape ?? null));
  const titles = columns.map((column) => pieces(column, docs, locale, parts));
  const last = columns.length - 1;
  const plans = columns.map((column, index): Plan => {
    const role = docs.get(column.nodes[0]?.layer.op ?? "")?.role ?? null;
    const parameters = parametersOf(column, check);
    const shape = shapes[index]!;
    const labels = index === 0 ? (data?.columns ?? []) : index === last ? classesOf(task) : [];
    return {
      column,
      content: contentOf(column, shape, role, { pictured }),
      role,
      title: titles[index]!.map((piece) => piece.text).join(editorWords[locale].separator),
      pieces: titles[index]!.map((piece) => piece.text),
      subtitle: subtitle(column, parameters, shape, locale),
      detail: shape && shape.length > 1 && parameters ? shape.join("×") : "",
      labels: labels.map((label) => say(label, locale)),
      chips: index === 0 ? chips : 0,
      side: index === 0 ? "left" : index === last ? "right" : null,
    };
  });
  const wires = wiresOf(columns);
  const names = plans.map((plan, index) => {
    const entering = wires.filter((wire) => wire.to === index);
    const sources = entering.every((wire) => wire.from === index - 1) ? [] : entering.map((wire) => plans[wire.from]!.title);
    const place = columns.slice(0, index + 1).filter((column) => !isSource(column)).length;
    return spokenName(isSource(plan.column) ? 0 : place, plan.title, parametersOf(plan.column, check), shapes[index]!, sources, locale);
  });
  return { docs, columns, wires, plans, shapes, pieces: titles, names };
}

/** What the critic says. */
const EXPECTED: Words = { en: "expected", zh: "预期" };

/** What stands beside the output's tiles; a single tile needs no name. */
function classesOf(task: Task | null): readonly Words[] {
  if (!task) return [];
  switch (task.kind) {
    case "regression":
      return task.targets.length > 1 ? task.targets : [];
    case "classification":
      return task.classes.length > 2 ? task.classes : [];
    case "control":
      return task.critic ? [...task.actions, EXPECTED] : task.actions;
    default:
      return [];
  }
}

/** Ids by which the picture of a column's units may be known, the best first. */
export function pictureIds(column: Column, last: boolean): string[] {
  if (isSource(column)) return [column.id];
  const ids = column.nodes.map((node) => node.id).reverse();
  return last ? ["output", ...ids] : ids;
}
