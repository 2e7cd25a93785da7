// Drawings as grids of ink, and strokes of the point brush.
import { describe, expect, it } from "vitest";
import { downsampled } from "./drawing.ts";
import { erased, sprayed } from "./painting.ts";

function rgba(side: number, ink: (x: number, y: number) => number): Uint8ClampedArray {
  const data = new Uint8ClampedArray(side * side * 4);
  for (let y = 0; y < side; y++) for (let x = 0; x < side; x++) data[(y * side + x) * 4 + 3] = ink(x, y);
  return data;
}

describe("downsampling", () => {
  it("averages the ink of each cell", () => {
    const data = rgba(4, (x, y) => (x < 2 && y < 2 ? 255 : x === 2 && y === 3 ? 200 : 0));
    expect(downsampled(data, 4, 2)).toEqual([
      [255, 0],
      [0, 50],
    ]);
  });

  it("keeps rows and columns apart, and the total of the ink", () => {
    const grid = downsampled(rgba(280, (x) => (x >= 140 ? 255 : 0)), 280, 56);
    expect(grid).toHaveLength(56);
    expect(grid[0]!.slice(26, 30)).toEqual([0, 0, 255, 255]);
    expect(grid.flat().reduce((sum, value) => sum + value, 0)).toBe(56 * 28 * 255);
  });
});

describe("the point brush", () => {
  const still = () => 0.5;

  it("sets one point where it is pressed", () => {
    expect(sprayed([], null, { x: 1.234, y: -2 }, 1, still)).toEqual([[1.23, -2, 1]]);
  });

  it("sets points along the way, inside the plane", () => {
    const points = sprayed([[0, 0, 0]], { x: 4, y: 0 }, { x: 8, y: 0 }, 2, still);
    expect(points.length).toBeGreaterThan(8);
    for (const [x, , index] of points.slice(1)) {
      expect(x).toBeLessThanOrEqual(6);
      expect(index).toBe(2);
    }
  });

  it("erases what is near", () => {
    expect(
      erased(
        [
          [0, 0, 0],
          [3, 3, 1],
        ],
        { x: 0.2, y: 0.2 },
      ),
    ).toEqual([[3, 3, 1]]);
  });
});
