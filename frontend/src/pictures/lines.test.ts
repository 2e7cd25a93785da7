// Lines: what they take up, what is read off them, and that a line of many points stays within its reach.
import { expect, test, vi } from "vitest";
import type { Lines } from "../api/types.ts";
import { drawLines, linesExtent, readOff } from "./lines.ts";

const words = (text: string) => ({ en: text, zh: text });
const line = (role: "input" | "truth" | "prediction", x: number[], y: (number | null)[]) => ({ role, label: words(role), x, y });
const lines = (...each: Lines["lines"]): Lines => ({ kind: "lines", axes: [words("time"), words("value")], lines: each });

test("what swings about zero has zero in the middle, what does not is shown as it is", () => {
  const swinging = linesExtent(lines(line("input", [0, 1, 2], [-3, 4, 0])));
  expect(swinging.y[0]).toBeCloseTo(-swinging.y[1]);
  const growing = linesExtent(lines(line("truth", [10, 20], [300, 400]), line("prediction", [20, 30], [390, null])));
  expect(growing.x).toEqual([10, 30]);
  expect(growing.y[0]).toBeGreaterThan(280);
});

test("one point, or none, still has room to be drawn in", () => {
  for (const single of [line("input", [5], [2]), line("input", [], []), line("input", [1, 2], [null, null])]) {
    const { x, y } = linesExtent(lines(single));
    expect(x[1] - x[0]).toBeGreaterThan(0);
    expect(y[1] - y[0]).toBeGreaterThan(0);
  }
});

test("each line says what it has nearest to the pointer, and nothing where it has ended", () => {
  const picture = lines(line("truth", [0, 1, 2, 3], [5, 6, 7, 8]), line("prediction", [3, 4], [9, null]));
  expect(readOff(picture, 0.9, 0.5)).toEqual({ at: 1, values: [6, null] });
  expect(readOff(picture, 3.1, 0.5)).toEqual({ at: 3, values: [8, 9] });
  expect(readOff(lines(), 1, 1)).toBeNull();
});

test("many points on one pixel become a stroke from the lowest to the highest", () => {
  const heights: number[] = [];
  const context = { save: vi.fn(), restore: vi.fn(), beginPath: vi.fn(), stroke: vi.fn(), setLineDash: vi.fn(), moveTo: vi.fn(), lineTo: (_x: number, y: number) => heights.push(y) };
  const wave = line("input", Array.from({ length: 8000 }, (_, place) => place), Array.from({ length: 8000 }, (_, place) => (place % 2 ? -1 : 1)));
  drawLines(context as unknown as CanvasRenderingContext2D, lines(wave), { x: 0, y: 0, width: 40, height: 100 }, { x: [0, 7999], y: [-1, 1] }, false);
  expect(heights.length).toBeLessThan(400);
  expect(Math.min(...heights)).toBe(0);
  expect(Math.max(...heights)).toBe(100);
});
