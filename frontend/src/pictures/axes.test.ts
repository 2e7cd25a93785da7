// Round numbers to mark, and labels that have room.
import { describe, expect, it } from "vitest";
import { epochLabels, label, linearTicks, logarithmicTicks, roundStep, shortCount } from "./axes.ts";

const measure = (text: string): number => text.length * 6.2;
const isRound = (value: number): boolean => /^[125]e/.test(value.toExponential());

describe("marks of an even axis", () => {
  it("are few, round, evenly apart and within the bounds, and as many as have room", () => {
    for (const high of [1e-7, 0.003, 0.7, 1, 1.06, 9.99, 10, 73, 100, 12_345, 8e30]) {
      for (const low of [0, -high, high / 2, -high * 0.013]) {
        for (const most of [2, 4, 7, 12]) {
          const values = linearTicks(low, high, most).map((tick) => tick.value);
          expect(values.length).toBeLessThanOrEqual(most);
          if (most > 2) expect(values.length).toBeGreaterThanOrEqual(2);
          const slack = (high - low) * 1e-6;
          for (const value of values) expect(value >= low - slack && value <= high + slack).toBe(true);
          const step = (values[1] ?? 0) - (values[0] ?? 0);
          if (values.length > 1) expect(isRound(Number(step.toPrecision(6)))).toBe(true);
        }
      }
    }
  });

  it("are named with the decimals of their step, each by a name of its own", () => {
    expect(linearTicks(0, 0.7, 4).map((tick) => tick.label)).toEqual(["0", "0.2", "0.4", "0.6"]);
    expect(linearTicks(50, 100, 6).map((tick) => tick.label)).toEqual(["50", "60", "70", "80", "90", "100"]);
    expect(linearTicks(-1, 1, 5).map((tick) => tick.label)).toEqual(["−1.0", "−0.5", "0", "0.5", "1.0"]);
    expect(linearTicks(0, 2.3e30, 3).map((tick) => tick.label)).toEqual(["0", "1e30", "2e30"]);
    for (const high of [3e-9, 1e5, 1.5e5, 3e37]) {
      const labels = linearTicks(0, high, 8).map((tick) => tick.label);
      expect(new Set(labels).size).toBe(labels.length);
    }
  });

  it("have nothing to mark where there is no room or no number", () => {
    expect(linearTicks(1, 1, 5)).toEqual([]);
    expect(linearTicks(0, Number.NaN, 5)).toEqual([]);
    expect(linearTicks(1e20, 1e20 + 65_536, 5)).toEqual([]);
  });
});

describe("marks of a logarithmic axis", () => {
  it("are 1, 2 and 5 times powers of ten, or the powers alone over many", () => {
    expect(logarithmicTicks(0.008, 1.25, 8).map((tick) => tick.label)).toEqual(["0.01", "0.02", "0.05", "0.1", "0.2", "0.5", "1"]);
    expect(logarithmicTicks(0.008, 125, 6).map((tick) => tick.label)).toEqual(["0.01", "0.1", "1", "10", "100"]);
    expect(logarithmicTicks(1e-12, 1e12, 5).length).toBeGreaterThanOrEqual(2);
  });

  it("are plain round numbers within less than a decade", () => {
    expect(logarithmicTicks(0.31, 0.48, 4).map((tick) => tick.label)).toEqual(["0.35", "0.40", "0.45"]);
  });

  it("are never too many, never out of bounds, and hardly ever fewer than two", () => {
    for (let low = -30; low < 30; low += 3.7) {
      for (const decades of [0.05, 0.4, 1, 2.5, 9, 40]) {
        for (const most of [3, 5, 9]) {
          const [from, to] = [10 ** low, 10 ** (low + decades)];
          const values = logarithmicTicks(from, to, most).map((tick) => tick.value);
          expect(values.length).toBeLessThanOrEqual(most);
          expect(values.length).toBeGreaterThanOrEqual(most < 5 ? 1 : 2);
          for (const value of values) expect(value >= from * 0.999999 && value <= to * 1.000001).toBe(true);
        }
      }
    }
  });

  it("do not exist below zero", () => {
    expect(logarithmicTicks(0, 1, 5)).toEqual([]);
    expect(logarithmicTicks(1, 1, 5)).toEqual([]);
  });
});

it("steps are the next round number", () => {
  expect([0.3, 1, 1.01, 2, 4.9, 5.1, 70, 0].map(roundStep)).toEqual([0.5, 1, 2, 2, 5, 10, 100, 0]);
});

it("names are short", () => {
  expect([label(0.00002, 0.00001), label(-3, 1), label(150_000, 50_000), label(2000, 1000)]).toEqual(["2e−5", "−3", "1.5e5", "2000"]);
  expect(linearTicks(0, 1.2e30, 4).map((tick) => tick.label)).toEqual(["0", "5e29", "1e30"]);
  expect([shortCount(500, 100), shortCount(20_000, 10_000), shortCount(12_500, 500), shortCount(2e6, 1e6)]).toEqual(["500", "20k", "12.5k", "2M"]);
});

it("labels of epochs are never cut off and never touch, at any width", () => {
  const faults: unknown[] = [];
  for (const first of ["epoch 0", "第 0 轮"]) {
    for (let room = 240; room <= 1400; room += 7) {
      for (const epochs of [0.04, 0.5, 1, 3, 5, 7, 60, 104, 1000, 9999, 40_000, 1e6]) {
        for (const left of [38, 68]) {
          const labels = epochLabels(epochs, left, room - left - 14, room, first, measure);
          const good = labels.every(
            (each, place) => each.left + each.width <= room && each.left >= (place > 0 ? labels[place - 1]!.left + labels[place - 1]!.width + 6 : 0),
          );
          if (!good || labels.length < 2 || labels[0]!.label !== first) faults.push({ room, epochs, left, labels });
        }
      }
    }
  }
  expect(faults).toEqual([]);
});
