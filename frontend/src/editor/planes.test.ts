import { expect, test } from "vitest";
import type { Heatmap } from "../api/types.ts";
import { cellOf, pictureOf, planesOf, valueOf } from "./planes.ts";

const heatmap: Heatmap = {
  kind: "heatmap",
  x: [0, 1],
  y: [0, 1],
  planes: [
    { node: "h1", unit: 0, width: 2, height: 2, scale: 1 },
    { node: "h1", unit: 1, width: 2, height: 2, scale: 1 },
    { node: "output", unit: 0, width: 3, height: 1, scale: 2 },
  ],
  cells: new Uint8Array([1, 2, 3, 4, 5, 6, 7, 8, 0, 127, 254]),
};

test("each plane has its own bytes", () => {
  const planes = planesOf(heatmap);
  expect([...pictureOf(planes, ["a1", "h1"], 1)!.cells]).toEqual([5, 6, 7, 8]);
  expect(pictureOf(planes, ["h1"], 2)).toBeNull();
});

test("a row of numbers gives each unit its cell", () => {
  const planes = planesOf(heatmap);
  expect([...cellOf(planes, ["output"], 2)!.cells]).toEqual([254]);
  expect(cellOf(planes, ["output"], 3)).toBeNull();
  expect(cellOf(planes, ["h1"], 0)).toBeNull();
});

test("bytes are numbers again", () => {
  expect(valueOf(254, 2)).toBe(2);
  expect(valueOf(0, 2)).toBe(-2);
  expect(valueOf(255, 2)).toBeNull();
});
