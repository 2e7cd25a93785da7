// What the pictures say to those who cannot see them.
import { render, screen } from "@testing-library/svelte";
import { expect, it } from "vitest";
import type { Images, Matrix, Points, Task, Words } from "../api/types.ts";
import Confusion from "./Confusion.svelte";
import ExampleGrid from "./ExampleGrid.svelte";
import ProbabilityBars from "./ProbabilityBars.svelte";
import Surface from "./Surface.svelte";

const word = (en: string, zh = en): Words => ({ en, zh });

const matrix: Matrix = {
  kind: "matrix",
  role: "confusion",
  rows: [word("Shirt", "衬衫"), word("Coat", "外套")],
  columns: [word("Shirt", "衬衫"), word("Coat", "外套")],
  values: [
    [13, 7],
    [0, 20],
  ],
};

it.each([
  ["en", "7 of 20 “Shirt” taken for “Coat”"],
  ["zh", "20 个“衬衫”中有 7 个被当成了“外套”"],
] as const)("the confusion matrix is a table that explains each mistake (%s)", (locale, sentence) => {
  render(Confusion, { matrix, locale, onpick: () => {} });
  expect(screen.getAllByRole("rowheader")).toHaveLength(2);
  expect(screen.getByRole("button", { name: sentence })).toBeTruthy();
});

it("examples stand with the wrong ones first and say so in words", () => {
  const images: Images = {
    kind: "images",
      columns: null,
      rows: [],
    width: 1,
    height: 1,
    channels: 1,
    tiles: [
      { index: 4, truth: word("4"), prediction: word("4"), probability: 0.98, correct: true },
      { index: 9, truth: word("9"), prediction: word("7"), probability: 0.61, correct: false },
    ],
    pixels: Uint8Array.of(0, 255),
  };
  const picked: number[] = [];
  render(ExampleGrid, { images, locale: "en", onselect: (index: number) => picked.push(index) });
  const names = screen.getAllByRole("button").map((button) => button.getAttribute("aria-label"));
  expect(names).toEqual(["7, 61 %, wrong, is 9", "4, 98 %, right"]);
  expect(screen.getByText("1 of these 2 are right")).toBeTruthy();
  screen.getAllByRole("button")[0]!.click();
  expect(picked).toEqual([9]);
});

it("probabilities are a list with percents and the truth", () => {
  render(ProbabilityBars, { labels: [word("cat"), word("dog")], values: [0.075, 0.925], truth: 0, locale: "en" });
  expect(screen.getAllByRole("listitem").map((item) => item.textContent?.replace(/\s+/g, " ").trim())).toEqual(["cat 7.5 % truth", "dog 92.5 %"]);
});

it("the surface counts its points, and validation only when shown", async () => {
  const points: Points = {
    kind: "points",
    role: "data",
    axes: [word("x₁"), word("x₂")],
    x: [0, 1, 2],
    y: [0, 1, 2],
    value: [0, 1, 0],
    validation: [false, true, true],
  };
  const task: Task = { kind: "classification", classes: [word("Orange"), word("Blue")] };
  const { rerender } = render(Surface, { heatmap: null, points, task, locale: "en" });
  expect(screen.getByRole("img").getAttribute("aria-label")).toContain("1 training and 2 validation points");
  expect(screen.getByText("Validation")).toBeTruthy();
  await rerender({ showValidation: false });
  expect(screen.queryByText("Validation")).toBeNull();
});
