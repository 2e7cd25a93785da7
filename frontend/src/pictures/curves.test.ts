// The numbers behind the curves.
import { render, screen } from "@testing-library/svelte";
import { describe, expect, it } from "vitest";
import Curves from "./Curves.svelte";
import CurvesTable from "./CurvesTable.svelte";
import { bounds, formatEpoch, nearest, Reader, StepReader, stepsPerEpoch, tableRows, toColumns, valueAt, type Evaluation } from "./curves.ts";

function evaluation(step: number, training: number | null, validation: number | null): Evaluation {
  return { step, epoch: step / 25, training: { loss: training, accuracy: 0.5 }, validation: { loss: validation, accuracy: 0.25 } };
}

describe("columns", () => {
  it("hold one metric, in percent for accuracy, and gaps as null", () => {
    const evaluations = [evaluation(0, 0.7, 0.8), evaluation(25, null, Number.NaN)];
    expect(toColumns(evaluations, "loss")).toEqual({ step: [0, 25], epoch: [0, 1], training: [0.7, null], validation: [0.8, null] });
    expect(toColumns(evaluations, "accuracy").validation).toEqual([25, 25]);
    expect(toColumns(evaluations, "r2").training).toEqual([null, null]);
  });

  it("tell the steps in an epoch once one is under way", () => {
    expect(stepsPerEpoch([evaluation(0, 1, 1)])).toBeNull();
    expect(stepsPerEpoch([evaluation(0, 1, 1), evaluation(50, 1, 1)])).toBe(25);
  });
});

describe("a reader", () => {
  it("gives at every moment what reading all anew would give", () => {
    const reader = new Reader();
    const all: Evaluation[] = [];
    for (let count = 0; count < 40; count++) {
      all.push(evaluation(count * 25, count % 7 === 3 ? null : 1 / (count + 1), count % 5));
      const { columns, validation } = reader.read([...all], "loss");
      expect(columns).toEqual(toColumns(all, "loss"));
      expect(validation.length).toBe(all.length);
    }
    expect(reader.read(all.slice(0, 9), "loss").columns.step).toHaveLength(9);
    expect(reader.read(all, "accuracy").columns).toEqual(toColumns(all, "accuracy"));
    const again = [...all.slice(0, 5), evaluation(125, 9, 9), ...all.slice(6)];
    again[39] = { ...again[39]! };
    expect(reader.read(again, "accuracy").columns).toEqual(toColumns(again, "accuracy"));
    expect(reader.read([], "loss").columns.step).toEqual([]);
  });

  it("of steps goes on in longer views of the same memory, and begins anew elsewhere", () => {
    const [step, loss] = [Float64Array.from({ length: 100 }, (_, place) => place + 1), new Float64Array(100).fill(2)];
    const reader = new StepReader();
    const trace = reader.read({ step: step.subarray(0, 10), loss: loss.subarray(0, 10) });
    expect(reader.read({ step: step.subarray(0, 60), loss: loss.subarray(0, 60) })).toBe(trace);
    expect(trace.length).toBe(60);
    const anew = reader.read({ step: [1, 2], loss: [5, null], low: [4, null], high: [9, null] });
    expect(anew).not.toBe(trace);
    expect([anew.length, anew.least, anew.greatest]).toEqual([2, 4, 9]);
  });
});

it("finds the nearest moment", () => {
  expect(nearest([], 3)).toBe(-1);
  expect([-5, 0, 4, 6, 99].map((wanted) => nearest([0, 10, 20], wanted))).toEqual([0, 0, 0, 1, 2]);
});

it("reads another run at an epoch, and nothing beyond its ends", () => {
  const columns = toColumns([evaluation(0, 1, 0.9), evaluation(25, 1, 0.8), evaluation(50, 1, 0.7)], "loss");
  expect([0, 1.2, 2.4, 3].map((epoch) => valueAt(columns, "validation", epoch))).toEqual([0.9, 0.8, 0.7, null]);
});

describe("bounds", () => {
  it("fit the metric", () => {
    expect(bounds("loss", [[0.5, 1, null]], false)).toEqual([0, 1.06]);
    expect(bounds("accuracy", [[52, 97]], false)).toEqual([50, 100]);
    expect(bounds("r2", [[-40, 0.8]], false)).toEqual([-1, 1]);
    expect(bounds("loss", [[]], false)).toEqual([0, 1]);
  });

  it("of a logarithmic axis leave zero out", () => {
    const [low, high] = bounds("loss", [[0, 0.01, 1]], true);
    expect(low).toBeCloseTo(0.008);
    expect(high).toBeCloseTo(1.25);
  });
});

it("writes epochs as short as they are", () => {
  expect([0, 74, 0.25, 12.34].map(formatEpoch)).toEqual(["0", "74", "0.25", "12.3"]);
});

describe("the table", () => {
  it("keeps the first and the last row", () => {
    const rows = tableRows(Array.from({ length: 1000 }, (_, place) => place), 200);
    expect(rows).toHaveLength(200);
    expect([rows[0], rows.at(-1)]).toEqual([0, 999]);
  });

  it("shows what the curves show, gaps as dashes", () => {
    const columns = toColumns([evaluation(0, 0.7, 0.8), evaluation(25, 0.5, null)], "loss");
    render(CurvesTable, { columns, metric: "loss", locale: "en", format: (value: number | null | undefined) => value?.toFixed(3) ?? "–" });
    const cells = screen.getAllByRole("row").map((row) => [...row.children].map((cell) => cell.textContent));
    expect(cells).toEqual([
      ["Epoch", "Step", "Training", "Validation"],
      ["0", "0", "0.700", "0.800"],
      ["1", "25", "0.500", "–"],
    ]);
  });

  it("takes the place of the chart and gives it back", async () => {
    render(Curves, { evaluations: [evaluation(0, 0.7, 0.8)], metric: "loss", locale: "zh" });
    expect(screen.getByRole("img").getAttribute("aria-label")).toBe("损失，到第 0 轮：训练 0.700，验证 0.800");
    screen.getByRole("button", { name: "看表格" }).click();
    expect(await screen.findByRole("table")).toBeTruthy();
    screen.getByRole("button", { name: "看曲线" }).click();
    expect(await screen.findByRole("img")).toBeTruthy();
  });
});

it("compares runs without one of its own", async () => {
  const others = [
    { name: "Wide", colour: "#009e73", evaluations: [evaluation(0, 0.7, 0.8), evaluation(25, 0.5, 0.6)] },
    { name: "Deep", colour: "#d9b910", evaluations: [evaluation(0, 0.9, 1)] },
  ];
  render(Curves, { evaluations: [], others, metric: "loss", locale: "en" });
  expect(screen.getByRole("img").getAttribute("aria-label")).toBe("Loss on validation up to epoch 1: Wide 0.600, Deep 1.000");
  screen.getByRole("button", { name: "Show as table" }).click();
  await screen.findByRole("table");
  const cells = screen.getAllByRole("row").map((row) => [...row.children].map((cell) => cell.textContent));
  expect(cells).toEqual([
    ["Epoch", "Wide", "Deep"],
    ["0", "0.800", "1.000"],
    ["1", "0.600", "–"],
  ]);
});

it("goes to a moment by keyboard, and back to now at the end", async () => {
  const steps: (number | null)[] = [];
  render(Curves, {
    evaluations: [evaluation(0, 0.7, 0.8), evaluation(25, 0.6, 0.7), evaluation(50, 0.5, 0.6)],
    metric: "loss",
    locale: "en",
    at: 25,
    onscrub: (step: number | null) => steps.push(step),
  });
  const range = screen.getByRole("slider", { name: "Moment in training" });
  expect(range.getAttribute("aria-valuetext")).toBe("epoch 1");
  for (const key of ["ArrowLeft", "ArrowRight", "Home"]) range.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
  expect(steps).toEqual([0, null, 0]);
});
