// The numbers behind the curves.
import { render, screen } from "@testing-library/svelte";
import { describe, expect, it } from "vitest";
import Curves from "./Curves.svelte";
import CurvesTable from "./CurvesTable.svelte";
import { banded, bounds, formatEpoch, nearest, stepsPerEpoch, tableRows, thinned, toColumns, valueAt, type Evaluation } from "./curves.ts";

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

describe("thinning", () => {
  it("leaves short columns alone", () => {
    expect(thinned([[3, 1, 2]], 100)).toEqual([0, 1, 2]);
    expect(thinned([[]], 100)).toEqual([]);
  });

  it("keeps first, last, every spike and every gap of long ones, in order", () => {
    const column: (number | null)[] = Array.from({ length: 100_000 }, (_, place) => Math.sin(place / 5000));
    column[31_337] = 50;
    column[77_777] = -50;
    column[55_555] = null;
    const kept = thinned([column], 400);
    expect(kept.length).toBeLessThanOrEqual(400 * 5);
    expect(kept).toEqual([...new Set(kept)].sort((a, b) => a - b));
    for (const place of [0, 31_337, 55_555, 77_777, 99_999]) expect(kept).toContain(place);
  });
});

it("finds the nearest moment", () => {
  expect(nearest([], 3)).toBe(-1);
  expect([-5, 0, 4, 6, 99].map((wanted) => nearest([0, 10, 20], wanted))).toEqual([0, 0, 0, 1, 2]);
});

describe("the losses of steps", () => {
  it("come as mean, least and greatest of each stretch", () => {
    expect(banded({ step: [1, 2, 3, 4], loss: [1, 3, 2, 4] }, 2)).toEqual({ step: [2, 4], mean: [2, 3], low: [1, 2], high: [3, 4] });
    expect(banded({ step: [1], loss: [5], low: [2], high: [9] }, 240)).toEqual({ step: [1], mean: [5], low: [2], high: [9] });
    expect(banded({ step: [], loss: [] }, 240)).toEqual({ step: [], mean: [], low: [], high: [] });
  });

  it("keep a gap and a spike among very many", () => {
    const loss: (number | null)[] = new Array(100_000).fill(1);
    [loss[499], loss[99_000]] = [null, 77];
    const band = banded({ step: loss.map((_, place) => place + 1), loss }, 200);
    expect(band.mean[0]).toBeNull();
    expect(band.high[1]).toBe(1);
    expect(Math.max(...band.high.map((value) => value ?? 0))).toBe(77);
    expect(band.step.at(-1)).toBe(100_000);
  });
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
