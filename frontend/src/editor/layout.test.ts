import { expect, test } from "vitest";
import { catalogue, checked, network } from "./networks.fixture.ts";
import type { Box, Layout } from "./layout.ts";
import { layoutOf } from "./layout.ts";
import { drawingOf } from "./plans.ts";
import { lanesOf } from "./routes.ts";
import { estimate } from "./spread.ts";

function laidOut(nodes: ReturnType<typeof network>, shapes: Record<string, number[]>, pictured = true, width = 680, height = 560): Layout {
  const data = { shape: shapes.data ?? [2], columns: [] };
  const subject = { nodes, data, catalogue, check: checked(nodes, shapes), task: null, pictured, chips: 0, locale: "en" as const };
  const { plans, wires } = drawingOf(subject);
  return layoutOf({ plans, wires, width, height, measure: estimate });
}

function overlap(a: Box, b: Box): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

/** Nothing lies on anything else, and everything is on the stage. */
function expectTidy(layout: Layout): void {
  const boxes = layout.columns.flatMap((placed) => [placed.header, placed.frame]);
  boxes.forEach((box, index) => {
    expect(box.x).toBeGreaterThanOrEqual(0);
    expect(box.x + box.width).toBeLessThanOrEqual(layout.width);
    expect(box.y + box.height).toBeLessThanOrEqual(layout.height);
    for (const other of boxes.slice(index + 1)) expect(overlap(box, other)).toBe(false);
  });
  for (const gap of layout.gaps) {
    const plus = { x: gap.x - 10, y: gap.y - 10, width: 20, height: 20 };
    for (const box of boxes) expect(overlap(plus, box)).toBe(false);
  }
}

const small = network("h1:dense", "a1:tanh", "h2:dense", "a2:tanh", "out:output");
const lenet = network(
  ...["c1:conv2d", "r1:relu", "p1:max_pool2d", "c2:conv2d", "r2:relu", "p2:max_pool2d", "f:flatten"],
  ...["d1:dense", "r3:relu", "d2:dense", "r4:relu", "d3:dense", "r5:relu", "out:output"],
);
const image = { data: [1, 28, 28], c1: [6, 28, 28], r1: [6, 28, 28], p1: [6, 14, 14], c2: [16, 10, 10], r2: [16, 10, 10], p2: [16, 5, 5] };
const lenetShapes = { ...image, f: [400], d1: [120], r3: [120], d2: [84], r4: [84], d3: [32], r5: [32], out: [10] };

test("two inputs, eight and eight units and one output stand as large as they can", () => {
  const layout = laidOut(small, { out: [1] });
  expectTidy(layout);
  expect(layout.width).toBe(680);
  expect(layout.height).toBe(560);
  expect(layout.columns.map((placed) => placed.cells.length)).toEqual([2, 8, 8, 1]);
  expect(layout.columns[1]!.cells[0]!.width).toBe(44);
  const [first, second, third, fourth] = layout.columns.map((placed) => placed.x);
  expect(first).toBeLessThan(second!);
  expect(Math.abs(third! - second! - (second! - first!))).toBeLessThan(30);
  expect(fourth).toBeGreaterThan(third!);
});

test("all links between neighbours, each to each", () => {
  const { bundles } = laidOut(small, { out: [1] });
  expect(bundles.map((bundle) => [bundle.kind, bundle.starts.length, bundle.ends.length])).toEqual([
    ["all", 2, 8],
    ["all", 8, 8],
    ["all", 8, 1],
  ]);
});

test("LeNet with ten columns fits without scrolling", () => {
  const layout = laidOut(lenet, lenetShapes, false);
  expect(layout.columns).toHaveLength(10);
  expectTidy(layout);
  expect(layout.height).toBe(560);
  expect(layout.columns[3]!.cells).toHaveLength(16);
  expect(layout.columns.map((placed) => placed.content.kind)).toEqual([
    ...["maps", "maps", "maps", "maps", "maps"],
    ...["strip", "strip", "strip", "strip", "tiles"],
  ]);
  expect(layout.columns[5]!.more).toBe(272);
});

test("twelve layers become wider than the room, never tighter than legible", () => {
  const deep = network(...Array.from({ length: 12 }, (_, index) => [`h${index}:dense`, `a${index}:tanh`]).flat(), "out:output");
  const layout = laidOut(deep, { out: [1] });
  expectTidy(layout);
  expect(layout.columns).toHaveLength(14);
  expect(layout.width).toBeGreaterThan(680);
  expect(layout.columns[1]!.cells[0]!.width).toBeGreaterThanOrEqual(28);
});

test("large layers show their first units and count the rest", () => {
  const layout = laidOut(small, { h1: [40], a1: [40], out: [1] });
  const placed = layout.columns[1]!;
  expect(placed.cells.length + placed.more).toBe(40);
  expect(placed.cells.length).toBeLessThanOrEqual(16);
  expectTidy(layout);
});

test("in little height tiles are left out rather than cut off", () => {
  const layout = laidOut(small, { h1: [16], a1: [16], out: [1] }, true, 680, 260);
  expectTidy(layout);
  expect(layout.columns[1]!.cells.length + layout.columns[1]!.more).toBe(16);
});

test("skips are arcs that end at the merge, and a concatenation keeps its inputs' places", () => {
  const nodes = network("h1:dense", "a1:tanh", "both:concatenate<data,a1", "out:output");
  const layout = laidOut(nodes, { both: [10], out: [1] });
  expectTidy(layout);
  expect(layout.arcs).toHaveLength(1);
  expect(layout.arcs[0]).toMatchObject({ from: 0, to: 2 });
  expect(layout.arcs[0]!.y).toBeLessThan(layout.columns[2]!.circle!.y);
  expect(layout.bundles[1]).toMatchObject({ kind: "each", offset: 2 });
});

test("skips that run side by side share a lane, others take the next", () => {
  const skip = (from: number, to: number) => ({ from, to, slot: 0 });
  expect(lanesOf([skip(0, 2), skip(2, 4), skip(0, 4)])).toEqual([0, 0, 1]);
});

test("a network without a check still stands", () => {
  const { plans, wires } = drawingOf({ nodes: small, data: null, catalogue, check: null, task: null, pictured: false, chips: 0, locale: "zh" });
  expectTidy(layoutOf({ plans, wires, width: 680, height: 560, measure: estimate }));
});
