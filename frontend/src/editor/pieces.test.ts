import { expect, test } from "vitest";
import { cardPlaces } from "./cards.ts";
import { catalogue, network } from "./networks.fixture.ts";
import { columnsOf, layerDocs } from "./graph.ts";
import { groupsOf } from "./palette.ts";
import { lineCount, spread } from "./spread.ts";
import { pieces, spokenName } from "./titles.ts";

test("titles name the layer, its size and what follows in the column", () => {
  const docs = layerDocs(catalogue);
  const [, first] = columnsOf(network("h1:dense", "d1:dropout", "a1:tanh", "out:output"), docs);
  expect(pieces(first!, docs, "en").map((piece) => piece.text)).toEqual(["Dense 8", "dropout 0.2", "tanh"]);
  expect(pieces(first!, docs, "zh")[0]!.text).toBe("全连接 8");
});

test("columns have names for those who listen", () => {
  expect(spokenName(2, "Dense 8", 72, [8], [], "en")).toBe("Layer 2: Dense 8, 8 units, 72 weights");
  expect(spokenName(3, "Add", 0, [8], ["Data", "Dense 8"], "en")).toBe("Layer 3: Add, 8 units, fed by Data and Dense 8");
  expect(spokenName(2, "全连接 8", 72, [8], [], "zh")).toBe("第 2 层：全连接 8，8 个神经元，72 个权重");
});

test("the palette finds layers in both languages and leaves out the output", () => {
  expect(groupsOf(catalogue, "").flatMap((group) => group.layers.map((layer) => layer.op))).not.toContain("output");
  expect(groupsOf(catalogue, " DROP ").flatMap((group) => group.layers.map((layer) => layer.op))).toEqual(["dropout"]);
  expect(groupsOf(catalogue, "nothing of the kind")).toEqual([]);
});

test("columns share the room evenly, and grow wider than it only when they must", () => {
  const extents = Array.from({ length: 4 }, () => ({ left: 22, right: 22, head: 40 }));
  const { centres, fits } = spread(extents, 680, 16, 40, 400);
  expect(fits).toBe(true);
  expect(centres[0]).toBeCloseTo(38);
  expect(centres[3]).toBeCloseTo(642);
  expect(centres[1]! - centres[0]!).toBeCloseTo(centres[3]! - centres[2]!);
  expect(spread(extents, 200, 16, 40, 400).width).toBe(4 * 44 + 3 * 40 + 32);
});

test("texts break at spaces only", () => {
  const measure = (text: string): number => text.length * 10;
  expect(lineCount("Max pooling", 70, 11, true, measure)).toBe(2);
  expect(lineCount("Max pooling", 110, 11, true, measure)).toBe(1);
});

test("cards of problems stay inside and apart, and point to their columns", () => {
  const places = cardPlaces([600, 640, null], 680);
  let left = 0;
  for (const place of places) {
    left += place.before;
    expect(left).toBeGreaterThanOrEqual(0);
    left += place.width;
    expect(left).toBeLessThanOrEqual(680);
  }
  expect(cardPlaces([340], 680)[0]!.point).toBeCloseTo(150);
  expect(cardPlaces([100, 200, 300, 400, 500], 680).length).toBeLessThan(5);
});
