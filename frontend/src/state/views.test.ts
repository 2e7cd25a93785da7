// The page asks only for pictures that it shows and that the server can draw.
import { expect, test } from "vitest";
import type { Check, Experiment } from "../api/types.ts";
import { catalogue } from "./catalogue.fixture.ts";
import { type Shown, scenesFor, viewsFor } from "./views.ts";

const experiment: Experiment = {
  version: 1,
  dataset: { op: "circle" },
  network: [
    { id: "h1", layer: { op: "dense", units: 8 } },
    { id: "a1", layer: { op: "tanh" } },
    { id: "h2", layer: { op: "dense", units: 512 } },
    { id: "out", layer: { op: "output" } },
  ],
  training: {},
};
const report = (...shape: number[]) => ({ shape, axes: [], parameters: 0, sharable: [] });
const check: Check = {
  data: report(2),
  nodes: { h1: report(8), a1: report(8), h2: report(512), out: report(1) },
  parameters: 0,
  operations: 0,
  problems: [],
  parts: {},
  task: { kind: "classification", classes: [] },
  views: [{ op: "surface" }, { op: "confusion" }],
};
const shown: Shown = { experiment, modality: "points", check, layers: catalogue.layers, scene: { key: "surface", view: { op: "surface" } }, selected: null, example: 3, token: "" };

const datasetOf = (op: string) => catalogue.datasets.find((doc) => doc.op === op)!;
const keysOf = (op: string, known: Check | null) => scenesFor(datasetOf(op), known).map((scene) => scene.key);

test("the scenes are the server's views, with the tools of the dataset", () => {
  expect(keysOf("circle", check)).toEqual(["surface", "confusion"]);
  expect(scenesFor({ ...datasetOf("circle"), op: "painted" }, check)[0]).toEqual({ key: "paint", view: null });
  const image = { ...datasetOf("circle"), modality: "image" as const, takes: "drawing" as const };
  expect(scenesFor(image, { ...check, views: [{ op: "predictions", count: 12 }, { op: "confusion" }] }).map((scene) => scene.key)).toEqual([
    "predictions",
    "draw",
    "confusion",
  ]);
});

test("before the server has answered there is a scene all the same", () => {
  expect(keysOf("circle", null)).toEqual(["surface"]);
});

test("points: surface, neurons, and the weights that are few enough to be drawn", () => {
  expect(viewsFor(shown)).toEqual([{ op: "surface" }, { op: "neurons" }, { op: "weights", node: "h1" }]);
  expect(viewsFor({ ...shown, check: null })).toHaveLength(2);
});

test("images: the activations of the example, what the scene shows, and the filters of a selected convolution", () => {
  const image = { ...shown, modality: "image" as const, scene: { key: "confusion", view: { op: "confusion" } } };
  expect(viewsFor(image)).toContainEqual({ op: "activations", example: 3 });
  expect(viewsFor(image)).toContainEqual({ op: "confusion" });
  const nodes = { ...check.nodes, h1: report(16, 8, 8) };
  expect(viewsFor({ ...image, selected: "h1", check: { ...check, nodes } })).toContainEqual({ op: "filters", node: "h1" });
});

test("never more views than the server takes", () => {
  const network = Array.from({ length: 60 }, (_, index) => ({ id: `h${index}`, layer: { op: "dense" } }));
  const nodes = Object.fromEntries(network.map(({ id }) => [id, report(8)]));
  expect(viewsFor({ ...shown, experiment: { ...experiment, network }, check: { ...check, nodes } })).toHaveLength(32);
});
