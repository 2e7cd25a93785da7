// Which pictures the page wants, as a pure function of what it shows.
import type { Check, DatasetDoc, Experiment, LayerDoc, Modality, View } from "../api/types.ts";
import { inputsOf } from "./edits.ts";

/** What a person can do in the place of the large picture: paint points, draw, type or say something for the network to answer. */
export type Tool = "paint" | "draw" | "type" | "say";

/** What the large picture shows: the view of this name, or a tool. */
export type Scene = { key: string; view: View } | { key: Tool; view: null };

const MOST_WEIGHTS = 64;
const MOST_VIEWS = 32;

const TOOLS: Record<DatasetDoc["takes"], Tool | null> = { numbers: null, drawing: "draw", text: "type", sound: "say" };

/** The scenes that suit the experiment, the most telling first; the server knows which views those are. */
export function scenesFor(dataset: DatasetDoc, check: Check | null): Scene[] {
  const views = check?.views.length ? check.views : [{ op: dataset.modality === "points" ? "surface" : "predictions" }];
  const scenes: Scene[] = views.map((view) => ({ key: view.op, view }));
  const tool = TOOLS[dataset.takes];
  if (tool) scenes.splice(1, 0, { key: tool, view: null });
  if (dataset.op === "painted") scenes.unshift({ key: "paint", view: null });
  return scenes;
}

export interface Shown {
  experiment: Experiment;
  modality: Modality;
  check: Check | null;
  layers: LayerDoc[];
  scene: Scene;
  selected: string | null;
  example: number;
  /** The token whose neighbours are asked for. */
  token: string;
}

/** The views to watch, at most as many as the server takes. */
export function viewsFor(shown: Shown): View[] {
  const views: View[] = [];
  // Points are painted, and a unit pointed at, over the surface.
  if (shown.modality === "points") views.push({ op: "surface" }, { op: "neurons" });
  else views.push({ op: "activations", example: shown.example });
  if (shown.scene.view && shown.scene.view.op !== "surface") views.push(shown.scene.view);
  if (shown.scene.key === "word_map" && shown.token) views.push({ op: "neighbours", token: shown.token });
  const selected = shown.experiment.network.find((node) => node.id === shown.selected);
  if (selected && shown.check?.nodes[selected.id]?.shape?.length === 3 && isWeighty(selected.layer.op, shown.layers)) {
    views.push({ op: "filters", node: selected.id });
  }
  for (const node of weighedNodes(shown)) views.push({ op: "weights", node });
  return views.slice(0, MOST_VIEWS);
}

/** Dense layers whose weights are few enough to be drawn one by one. */
function weighedNodes({ experiment, check, layers }: Shown): string[] {
  if (!check) return [];
  return experiment.network.flatMap((node, position) => {
    if (!isWeighty(node.layer.op, layers)) return [];
    const input = inputsOf(experiment.network, position)[0]!;
    const width = (input === "data" ? check.data : (check.nodes[input] ?? check.parts[input]))?.shape;
    const units = check.nodes[node.id]?.shape;
    const few = width?.length === 1 && units?.length === 1 && width[0]! <= MOST_WEIGHTS && units[0]! <= MOST_WEIGHTS;
    return few ? [node.id] : [];
  });
}

function isWeighty(op: string, layers: LayerDoc[]): boolean {
  const role = layers.find((doc) => doc.op === op)?.role;
  return role === "weights" || role === "output";
}
