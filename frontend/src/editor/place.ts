// What a column takes up, and where its tiles, cells and signs stand in it.

import type { Content } from "./contents.ts";
import { MOST_CELLS, MOST_TILES } from "./contents.ts";
import type { Box, Layout, Placed, Plan } from "./layout.ts";
import type { Extent, Measure } from "./spread.ts";
import { longestWord } from "./spread.ts";

/** One way to draw: size of a tile, least room between columns, size of a title, most maps one below the other. */
export interface Style {
  tile: number;
  gap: number;
  font: number;
  rows: number;
  /** Most that a name beside a tile may take. */
  label: number;
}

/** Radius of a merge's circle. */
export const CIRCLE = 13;
/** Height of a chip with the gap to the next. */
export const CHIP = 23;
/** Height of the line that counts what is not shown. */
const MORE = 20;

/** How many tiles should be shown if there is room. */
export function wanted(content: Content): number {
  return content.kind === "tiles" || content.kind === "maps" ? Math.min(content.count, MOST_TILES) : 0;
}

export function extentOf(plan: Plan, style: Style, measure: Measure): Extent {
  const half = contentWidth(plan, style) / 2;
  const label = labelWidth(plan, style, measure);
  return {
    left: half + (plan.side === "left" ? label : 0),
    right: half + (plan.side === "right" ? label : 0),
    head: Math.max(longestWord(plan.title, style.font, true, measure), longestWord(`${plan.subtitle} ${plan.detail}`, 11, false, measure)) + 4,
  };
}

function labelWidth(plan: Plan, style: Style, measure: Measure): number {
  if (plan.content.kind !== "tiles" || plan.labels.length === 0) return 0;
  return Math.min(style.label, Math.max(...plan.labels.map((label) => measure(label, 11, false)))) + 14;
}

function contentWidth(plan: Plan, style: Style): number {
  const side = sideOf(plan, style);
  const grid = gridOf(plan.content, style);
  if (plan.content.kind === "merge") return 2 * CIRCLE + 4;
  return grid * side + (grid - 1) * gutter(style);
}

/** A lone tile may be larger: it is the answer, or the very picture that goes in. */
function sideOf(plan: Plan, style: Style): number {
  if (plan.content.kind === "maps" && plan.content.count <= 3) return Math.round(style.tile * 1.5);
  if (plan.content.kind === "tiles" && plan.content.count === 1 && plan.role === "output") return Math.round(style.tile * 1.25);
  if (plan.content.kind === "plain") return Math.max(44, style.tile);
  return style.tile;
}

function gridOf(content: Content, style: Style): number {
  return content.kind === "maps" ? Math.ceil(Math.min(content.count, MOST_TILES) / style.rows) : 1;
}

function gutter(style: Style): number {
  return style.tile > 40 ? 6 : 4;
}

export function place(plan: Plan, index: number, x: number, header: Box, body: Layout["body"], style: Style, extent: Extent): Placed {
  const room = body.bottom - body.top;
  const middle = (body.top + body.bottom) / 2;
  const side = sideOf(plan, style);
  const common = { ...plan, index, x, header, labelWidth: Math.max(extent.left, extent.right) - side / 2 - 14, chipped: false };
  const { content } = plan;
  if (content.kind === "merge") {
    const frame = { x: x - CIRCLE - 2, y: middle - CIRCLE - 2, width: 2 * CIRCLE + 4, height: 2 * CIRCLE + 4 };
    return { ...common, frame, cells: [], grid: 1, more: 0, circle: { y: middle, radius: CIRCLE } };
  }
  if (content.kind === "plain") {
    const tall = Math.min(150, room);
    return { ...common, frame: { x: x - side / 2, y: middle - tall / 2, width: side, height: tall }, cells: [], grid: 1, more: 0, circle: null };
  }
  if (content.kind === "strip") {
    const shown = Math.min(content.count, MOST_CELLS);
    const grid = gridOfStrip(shown, side, room - (content.count > shown ? MORE : 0));
    const tall = Math.ceil(shown / grid) * (side / grid);
    const frame = { x: x - side / 2, y: middle - tall / 2, width: side, height: tall };
    return { ...common, frame, cells: [], grid, more: content.count - shown, circle: null };
  }
  const grid = gridOf(content, style);
  const rowsWanted = Math.ceil(wanted(content) / grid);
  const spare = content.count > wanted(content) ? MORE : 0;
  const rowsFit = Math.max(1, Math.floor((room - spare + 3) / (side + 3)));
  const cut = rowsFit < rowsWanted;
  const rows = cut ? Math.max(1, Math.floor((room - MORE + 3) / (side + 3))) : rowsWanted;
  const shown = Math.min(wanted(content), rows * grid);
  const most = content.kind === "maps" ? gutter(style) : Math.max(14, Math.min(34, (0.84 * room) / rows - side));
  const between = rows > 1 ? Math.max(3, Math.min(most, (room - spare - rows * side) / (rows - 1))) : 0;
  const tall = rows * side + (rows - 1) * between;
  const wide = grid * side + (grid - 1) * gutter(style);
  const chips = plan.chips * CHIP + 10;
  const chipped = plan.chips > 0 && tall + chips <= room;
  const frame = { x: x - wide / 2, y: middle - tall / 2 - (chipped ? chips / 2 : 0), width: wide, height: tall };
  const cells = Array.from({ length: shown }, (_, unit): Box => {
    const [row, column] = [Math.floor(unit / grid), unit % grid];
    return { x: frame.x + column * (side + gutter(style)), y: frame.y + row * (side + between), width: side, height: side };
  });
  const circle = plan.role === "merge" ? { y: frame.y - CIRCLE - 10, radius: CIRCLE } : null;
  return { ...common, frame, cells, grid, more: content.count - shown, chipped, circle };
}

/** Cells side by side in a strip: few while they fit, so that each stays as large as can be. */
function gridOfStrip(count: number, side: number, room: number): number {
  for (const grid of [2, 4, 6]) if (Math.ceil(count / grid) * (side / grid) <= Math.min(room, 380)) return grid;
  return 8;
}
