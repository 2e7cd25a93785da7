// Points kept for drawing, against the same found by looking at every one of them.
import { describe, expect, it } from "vitest";
import { continues, Trace } from "./trace.ts";

/** The same numbers each time. */
function random(seed: number): () => number {
  let state = seed;
  return () => ((state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32);
}

interface Point {
  x: number;
  value: number | null;
}

function points(count: number, seed: number): Point[] {
  const next = random(seed);
  let x = 0;
  return Array.from({ length: count }, () => ({
    x: (x += next() < 0.1 ? 20 * next() : 0.2 + next()),
    value: next() < 0.01 ? null : next() < 0.001 ? 1000 * next() : next() - 0.2,
  }));
}

function traced(all: readonly Point[]): Trace {
  const trace = new Trace();
  for (const { x, value } of all) trace.append(x, value);
  return trace;
}

function stretches(all: readonly Point[], width: number): Point[][] {
  const found: Point[][] = [];
  let key = Number.NaN;
  for (const point of all) {
    const here = Math.floor(point.x / width);
    if (here === key) found.at(-1)!.push(point);
    else found.push([point]);
    key = here;
  }
  return found;
}

function expectStretches({ length, fields }: Trace, wanted: Point[][]): void {
  const drawn = Array.from({ length }, (_, place) => [
    ...[fields.x, fields.weight, fields.gaps, fields.low, fields.high, fields.first, fields.last].map((field) => field[place]!),
    fields.sum[place]!.toFixed(6),
  ]);
  const brute = wanted.map((stretch) => {
    const known = stretch.map((point) => point.value).filter((value) => value !== null);
    const sum = known.reduce((total, value) => total + value, 0);
    const ends = [known[0] ?? Number.NaN, known.at(-1) ?? Number.NaN];
    return [stretch.at(-1)!.x, known.length, stretch.length - known.length, Math.min(...known), Math.max(...known), ...ends, sum.toFixed(6)];
  });
  expect(JSON.stringify(drawn)).toBe(JSON.stringify(brute));
}

describe("a trace", () => {
  it("keeps every point while they are few", () => {
    const all = points(500, 1);
    const trace = traced(all);
    expect(trace.width).toBe(0);
    expectStretches(trace, all.map((point) => [point]));
  });

  it.each([8192, 8193, 20_000, 100_003])("of %i points is what merging all at once would give, in stretches finer than a screen's columns", (count) => {
    const all = points(count, count);
    const trace = traced(all);
    if (count > 8192) {
      expect(trace.width).toBeGreaterThan(0);
      expect(trace.length).toBeGreaterThan(3000);
      expectStretches(trace, stretches(all, trace.width));
    }
    const known = all.flatMap((point) => point.value ?? []);
    expect(trace.least).toBe(known.reduce((a, b) => Math.min(a, b)));
    expect(trace.greatest).toBe(known.reduce((a, b) => Math.max(a, b)));
    expect(trace.leastPositive).toBe(known.filter((value) => value > 0).reduce((a, b) => Math.min(a, b)));
  });

  it.each([3, 240, 700, 2800])("folded to %i columns is what each column's own points give", (columns) => {
    const few = points(5000, columns);
    const width = few.at(-1)!.x / columns;
    expectStretches(traced(few).folded(width, new Trace()), stretches(few, width));
  });

  it.each([240, 700, 2800])("of very many points hides no spike among %i columns: each point lies in what its column or the next one draws", (columns) => {
    const all = points(60_000, columns);
    const width = all.at(-1)!.x / columns;
    const strip = traced(all).folded(width, new Trace());
    const reach = new Map<number, [number, number]>();
    for (let place = 0; place < strip.length; place++) {
      reach.set(Math.floor(strip.fields.x[place]! / width), [strip.fields.low[place]!, strip.fields.high[place]!]);
    }
    const hidden = all.filter(({ x, value }) => {
      if (value === null) return false;
      const near = [0, 1].map((aside) => reach.get(Math.floor(x / width) + aside)).filter((each) => each !== undefined);
      return !near.some(([low, high]) => low <= value && value <= high);
    });
    expect(hidden).toEqual([]);
  });

  it("costs the same for the last point as for the first: what is kept has an end", () => {
    const trace = new Trace();
    for (let step = 1; step <= 1_000_000; step++) trace.append(step, step === 777_777 ? 50 : step === 888_888 ? null : 1);
    expect(trace.length).toBeLessThanOrEqual(8192);
    expect(trace.fields.x).toHaveLength(8192);
    expect([trace.greatest, trace.fields.x[trace.length - 1]]).toEqual([50, 1_000_000]);
    expect([...trace.fields.high.slice(0, trace.length)]).toContain(50);
    expect(trace.fields.gaps.slice(0, trace.length).reduce((a, b) => a + b)).toBe(1);
  });

  it("takes stretches that come merged already", () => {
    const trace = new Trace();
    trace.append(10, 2, 1, 5);
    trace.append(20, null, null, null);
    trace.append(30, 0, 0, 3);
    expect([trace.least, trace.leastPositive, trace.greatest]).toEqual([0, 1, 5]);
    const strip = trace.folded(100, new Trace());
    expect([strip.length, strip.fields.low[0], strip.fields.high[0], strip.fields.sum[0], strip.fields.gaps[0]]).toEqual([1, 0, 5, 2, 1]);
  });
});

it("a column goes on where the memory is the same", () => {
  const [array, memory] = [[1, 2], new Float64Array(8)];
  expect(continues(array, array)).toBe(true);
  expect(continues(array, [...array])).toBe(false);
  expect(continues(memory.subarray(0, 2), memory.subarray(0, 5))).toBe(true);
  expect(continues(memory.subarray(0, 5), memory.subarray(0, 2))).toBe(false);
  expect(continues(memory.subarray(0, 2), memory.subarray(1, 5))).toBe(false);
  expect(continues(memory.subarray(0, 2), memory.slice(0, 5))).toBe(false);
});
