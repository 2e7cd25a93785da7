// A small catalogue and small networks for the editor's tests.

import type { Catalogue, Check, LayerDoc, Node } from "../api/types.ts";

function doc(op: string, title: string, role: LayerDoc["role"], defaults: Record<string, unknown> = {}): LayerDoc {
  return {
    op,
    group: { en: role, zh: role },
    title: { en: title, zh: title },
    summary: { en: `What ${title} does.`, zh: `${title}做什么。` },
    help: { en: "", zh: "" },
    defaults: { op, ...defaults },
    fields: [],
    accepts: ["features"],
    merges: role === "merge",
    role,
  };
}

export const catalogue: Catalogue = {
  version: "test",
  layers: [
    doc("dense", "Dense", "weights", { units: 8 }),
    doc("conv2d", "Convolution", "weights", { filters: 8, kernel: 3 }),
    doc("relu", "ReLU", "activation"),
    doc("tanh", "Tanh", "activation"),
    doc("max_pool2d", "Max pooling", "shape"),
    doc("flatten", "Flatten", "shape"),
    doc("dropout", "Dropout", "regularise", { rate: 0.2 }),
    doc("add", "Add", "merge"),
    doc("concatenate", "Concatenate", "merge"),
    doc("output", "Output", "output"),
  ],
  datasets: [],
  methods: [],
  optimizers: [],
  schedules: [],
  losses: [],
  views: [],
  training: { fields: [] },
  presets: [],
};

/** Nodes from "id:op" or "id:op<input,input". */
export function network(...texts: string[]): Node[] {
  return texts.map((text) => {
    const [, id, op, inputs] = /^(\w+):(\w+)(?:<(.+))?$/.exec(text)!;
    return { id: id!, layer: { op: op! }, ...(inputs ? { inputs: inputs.split(",") } : {}) };
  });
}

/** A check that gives every node the same shape but those named otherwise. */
export function checked(nodes: readonly Node[], shapes: Record<string, number[]>, otherwise: number[] = [8]): Check {
  const report = (shape: number[], parameters: number) => ({ shape, axes: shape.map(() => "features"), parameters, sharable: [] });
  return {
    data: report(shapes.data ?? [2], 0),
    nodes: Object.fromEntries(nodes.map((node) => [node.id, report(shapes[node.id] ?? otherwise, node.layer.op === "dense" ? 72 : 0)])),
    parameters: 0,
    operations: 0,
    problems: [],
    parts: {},
    task: { kind: "classification" as const, classes: [] },
    views: [],
  };
}
