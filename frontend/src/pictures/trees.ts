// Where the nodes of a tree stand: leaves side by side, each other node over the middle of its children.
import type { Trees } from "../api/types.ts";
import type { Area } from "./lines.ts";
import { css, palette } from "./colours.ts";

export type Tree = Trees["trees"][number];

export interface Layout {
  /** Of each node: the place from the left, in leaves, and the level from the top. */
  places: { x: number; y: number }[];
  leaves: number;
  levels: number;
}

/** A parent comes before its children in the list, and children stand from left to right. */
export function placed(tree: Tree): Layout {
  const children = tree.map((): number[] => []);
  const places = tree.map(() => ({ x: 0, y: 0 }));
  tree.forEach((node, index) => {
    if (node.parent === null) return;
    children[node.parent]!.push(index);
    places[index]!.y = places[node.parent]!.y + 1;
  });
  let leaves = 0;
  const settle = (index: number): number => {
    const below = children[index]!.map(settle);
    const x = below.length ? (below[0]! + below.at(-1)!) / 2 : leaves++ + 0.5;
    places[index]!.x = x;
    return x;
  };
  tree.forEach((node, index) => node.parent === null && settle(index));
  return { places, leaves, levels: Math.max(0, ...places.map(({ y }) => y)) + 1 };
}

/** A tree as lines and dots: orange where the network believes something wrong, as filled as it is sure. */
export function drawTree(context: CanvasRenderingContext2D, tree: Tree, area: Area, dark: boolean): void {
  const { places, leaves, levels } = placed(tree);
  const { ink, negative, positive } = palette(dark);
  const across = (x: number): number => area.x + (x / Math.max(leaves, 1)) * area.width;
  const down = (y: number): number => area.y + ((y + 0.5) / levels) * area.height;
  context.lineWidth = Math.max(0.8, area.width / 60);
  context.strokeStyle = css(ink, 0.35);
  context.beginPath();
  tree.forEach((node, index) => {
    if (node.parent === null) return;
    context.moveTo(across(places[node.parent]!.x), down(places[node.parent]!.y));
    context.lineTo(across(places[index]!.x), down(places[index]!.y));
  });
  context.stroke();
  const radius = Math.min(area.width / Math.max(leaves, 1) / 2.6, area.height / levels / 3.2);
  tree.forEach((node, index) => {
    context.fillStyle = css(node.correct === false ? negative : node.correct ? positive : ink, node.truth || node.belief ? 1 : 0.55);
    context.beginPath();
    context.arc(across(places[index]!.x), down(places[index]!.y), node.truth || node.belief ? radius : radius * 0.6, 0, 2 * Math.PI);
    context.fill();
  });
}
