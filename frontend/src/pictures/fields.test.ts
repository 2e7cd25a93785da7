// Heatmaps as pixels.
import { describe, expect, it } from "vitest";
import type { Heatmap } from "../api/types.ts";
import { classColours, diverging, palette, unpack } from "./colours.ts";
import { classPixels, enlarged, planeCells, planePixels } from "./fields.ts";

const heatmap: Heatmap = {
  kind: "heatmap",
  planes: [
    { node: "a", unit: 0, width: 2, height: 1, scale: 1 },
    { node: "b", unit: 0, width: 1, height: 3, scale: 1 },
  ],
  x: [0, 1],
  y: [0, 1],
  cells: Uint8Array.of(1, 2, 3, 4, 5),
};

it("finds each plane's own cells", () => {
  expect([...planeCells(heatmap, 0)]).toEqual([1, 2]);
  expect([...planeCells(heatmap, 1)]).toEqual([3, 4, 5]);
});

it("colours a plane by the table and hatches what is no number", () => {
  const table = diverging(false);
  expect([...planePixels(Uint8Array.of(0, 127, 254, 255), 2, 2, false, 1)]).toEqual([table[0], table[127], table[254], table[255]]);
  const hatched = planePixels(new Uint8Array(64).fill(255), 8, 8, false);
  expect(new Set(hatched)).toEqual(new Set([table[255], table[127]]));
});

describe("class surfaces", () => {
  const colours = classColours(3);
  const byte = (probability: number) => 127 + Math.round(127 * probability);
  const pixel = (...probabilities: number[]) => unpack(classPixels(probabilities.map((each) => Uint8Array.of(byte(each))), colours, false)[0]!);

  it("show a sure class in its own colour", () => {
    expect(pixel(0, 1, 0)).toEqual(colours[1]);
  });

  it("are pale where nothing is sure", () => {
    for (const part of pixel(1 / 3, 1 / 3, 1 / 3)) expect(part).toBeGreaterThan(250);
    expect(pixel(0, 0, 0)).toEqual(palette(false).zero);
  });

  it("grow paler with doubt", () => {
    expect(pixel(0.1, 0.8, 0.1)[0]).toBeGreaterThan(pixel(0.02, 0.96, 0.02)[0]);
  });
});

describe("enlarged", () => {
  it("keeps what is even even", () => {
    expect(new Set(enlarged(new Uint8Array(12).fill(90), 4, 3, 3))).toEqual(new Set([90]));
  });

  it("blends a border smoothly and evenly", () => {
    const row = enlarged(Uint8Array.of(0, 0, 0, 254, 254, 254), 6, 1, 4);
    expect(row).toHaveLength(6 * 4 * 4);
    const line = [...row.slice(0, 24)];
    expect(line).toEqual([...line].sort((a, b) => a - b));
    expect(line[0]).toBe(0);
    expect(line[23]).toBe(254);
    line.forEach((value, place) => expect(Math.abs(value + line[23 - place]! - 254)).toBeLessThanOrEqual(1));
  });

  it("leaves a missing cell missing, and only that one", () => {
    const result = enlarged(Uint8Array.of(100, 255, 100), 3, 1, 2);
    expect([...result.slice(0, 6)].map((value) => value === 255)).toEqual([false, false, true, true, false, false]);
  });
});
