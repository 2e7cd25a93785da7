// The numbers behind the curves.
import { render, screen } from "@testing-library/svelte";
import { describe, expect, it } from "vitest";
import Curves from "./Curves.svelte";
import CurvesTable from "./CurvesTable.svelte";
import { bounds, formatEpoch, nearest, stepsPerEpoch, tableRows, thinned, toColumns, type Evaluation } from "./curves.ts";

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
    render(CurvesTable, { columns, metric: "loss", locale: "en", format: (value) => value?.toFixed(3) ?? "–" });
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
