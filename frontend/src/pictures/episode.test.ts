// An episode as it is told, and how it can be gone through.
import { fireEvent, render, screen } from "@testing-library/svelte";
import { expect, it } from "vitest";
import type { Episode } from "../api/types.ts";
import { aspectOf, earned, endingOf, paceOf } from "./episode.ts";
import EpisodePicture from "./EpisodePicture.svelte";
import { returnsOf } from "./curves.ts";

const walk: Episode = {
  kind: "episode",
  world: "grid",
  states: [[0], [1], [2]],
  actions: [2, 2],
  rewards: [-0.25, 1],
  grid: ["S.G", ".O."],
  values: null,
  policy: null,
  limit: 100,
};
const upright = { kind: "episode", world: "cart_pole", grid: null, values: null, policy: null, limit: 500 } as const;
const fall: Episode = { ...upright, states: [[0, 0, 0, 0], [0, 1, 0.1, 1], [0, 1, 0.3, 1]], actions: [1, 0], rewards: [1, 1] };

it("ends in one of five ways", () => {
  expect(endingOf(walk)).toBe("goal");
  expect(endingOf({ ...walk, states: [[0], [1], [4]] })).toBe("pit");
  expect(endingOf({ ...walk, states: [[0], [1], [1]] })).toBe("late");
  expect(endingOf(fall)).toBe("fallen");
  expect(endingOf({ ...fall, limit: 2 })).toBe("upright");
});

it("adds up what was earned, and takes its time", () => {
  expect([0, 1, 2].map((moves) => earned(walk, moves))).toEqual([0, -0.25, 0.75]);
  expect(aspectOf(walk)).toBe(1.5);
  expect(paceOf({ ...fall, actions: Array(500).fill(0) })).toBe(50);
  expect(paceOf(fall)).toBeLessThan(10);
});

it.each([
  ["en", "A pole on a cart; step 1 of 2; return 1"],
  ["zh", "小车上的杆; 第 1 步，共 2 步; 回报 1"],
] as const)("tells each moment that somebody goes to (%s)", async (locale, sentence) => {
  render(EpisodePicture, { episode: fall, locale });
  await fireEvent.input(screen.getByRole("slider"), { target: { value: "1" } });
  expect(screen.getByRole("img", { name: sentence })).toBeTruthy();
});

it("spreads the returns of training over the steps in which they came", () => {
  const evaluation = (step: number, returns: number[]) => ({ step, epoch: step, training: { loss: null, returns }, validation: { loss: null } });
  expect(returnsOf([evaluation(0, []), evaluation(10, [9, 8]), evaluation(20, [7])])).toEqual({ step: [5, 10, 20], loss: [9, 8, 7] });
});
