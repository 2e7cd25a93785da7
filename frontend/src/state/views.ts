// Which pictures the page wants, as a pure function of what it shows.
import type { Check, Experiment, LayerDoc, Modality, Task, View } from "../api/types.ts";
import { inputsOf } from "./edits.ts";

/** What the large picture shows. */
export type Scene = "plane" | "paint" | "fit" | "examples" | "draw" | "confusion";

const MOST_WEIGHTS = 64;
const MOST_VIEWS = 32;
/** Three rows of images, so that the curves stay in sight; a table scrolls by itself. */
const EXAMPLES: Record<Modality, number> = { points: 1, image: 12, table: 40 };

/** The view of examples with what the network says of them. */
export function predictionsOf(modality: Modality): View {
  return { op: "predictions", count: EXAMPLES[modality] };
}

/** The scenes that suit the data, the most telling first. */
export function scenesFor(modality: Modality, task: Task, dataset: string): Scene[] {
  const classes = task.kind === "classification";
  switch (modality) {
    case "points":
      return [...(dataset === "painted" ? (["paint"] as const) : []), "plane", classes ? "confusion" : "fit"];
    case "image":
      return ["examples", "draw", "confusion"];
    case "table":
      return classes ? ["examples", "confusion"] : ["fit", "examples"];
  }
}

export interface Shown {
  experiment: Experiment;
  modality: Modality;
  check: Check | null;
  layers: LayerDoc[];
  scene: Scene;
  selected: string | null;
  example: number;
}

/** The views to watch, at most as many as the server takes. */
export function viewsFor(shown: Shown): View[] {
  const views: View[] = [];
  if (shown.modality === "points") views.push({ op: "surface" }, { op: "neurons" });
  else views.push({ op: "activations", example: shown.example });
  switch (shown.scene) {
    case "examples":
      views.push(predictionsOf(shown.modality));
      break;
    case "confusion":
      views.push({ op: "confusion" });
      break;
    case "fit":
      views.push({ op: "fit" });
      break;
    case "plane":
    case "paint":
    case "draw":
      break;
  }
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
    const width = (input === "data" ? check.data : check.nodes[input])?.shape;
    const units = check.nodes[node.id]?.shape;
    const few = width?.length === 1 && units?.length === 1 && width[0]! <= MOST_WEIGHTS && units[0]! <= MOST_WEIGHTS;
    return few ? [node.id] : [];
  });
}

function isWeighty(op: string, layers: LayerDoc[]): boolean {
  const role = layers.find((doc) => doc.op === op)?.role;
  return role === "weights" || role === "output";
}
