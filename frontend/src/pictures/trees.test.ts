// Trees stand as they are read: children under their parent, from left to right.
import { render, screen } from "@testing-library/svelte";
import { expect, it } from "vitest";
import type { Words } from "../api/types.ts";
import TreePicture from "./TreePicture.svelte";
import { placed, type Tree } from "./trees.ts";

const word = (text: string): Words => ({ en: text, zh: text });
const leaf = (label: string, parent: number): Tree[number] => ({ label, parent, truth: null, belief: null, probability: null, correct: null });
const node = (label: string, parent: number | null, truth: string, belief: string, probability: number): Tree[number] => ({
  label,
  parent,
  truth: word(truth),
  belief: word(belief),
  probability,
  correct: truth === belief,
});

// [MAX 2 [MIN 4 7] 9]
const tree: Tree = [node("MAX", null, "9", "9", 0.9), leaf("2", 0), node("MIN", 0, "4", "7", 0.6), leaf("4", 2), leaf("7", 2), leaf("9", 0)];

it("leaves stand side by side and a parent over the middle of its children", () => {
  expect(placed(tree)).toEqual({
    leaves: 4,
    levels: 3,
    places: [
      { x: 2, y: 0 },
      { x: 0.5, y: 1 },
      { x: 2, y: 1 },
      { x: 1.5, y: 2 },
      { x: 2.5, y: 2 },
      { x: 3.5, y: 1 },
    ],
  });
  expect(placed([])).toEqual({ places: [], leaves: 0, levels: 1 });
});

it.each([
  ["en", "MIN: the network says 7 (60 %), it is 4", "MAX: the network says 9 (90 %), which is right"],
  ["zh", "MIN：网络认为是 7（60 %），其实是 4", "MAX：网络认为是 9（90 %），对了"],
] as const)("what the network believes at each node is told in words (%s)", (locale, wrong, right) => {
  render(TreePicture, { trees: { kind: "trees", trees: [tree] }, locale });
  expect(screen.getByText(wrong)).toBeTruthy();
  expect(screen.getByText(right)).toBeTruthy();
});
