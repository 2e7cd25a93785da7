// Where everything in the diagram stands: a pure function from columns and room to boxes, gaps, links and arcs.

import type { Content } from "./contents.ts";
import { MOST_CELLS, MOST_TILES } from "./contents.ts";
import type { Column, Role, Wire } from "./graph.ts";
import type { Arc, Bundle } from "./routes.ts";
import { arcsOf, bundleOf, lanesHeight } from "./routes.ts";
import type { Extent, Measure } from "./spread.ts";
import { headerWidths, lineCount, longestWord, spread } from "./spread.ts";

export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** What is known of a column before it has a place. */
export interface Plan {
  column: Column;
  content: Content;
  role: Role | null;
  /** The column's title in one line, and piece by piece. */
  title: string;
  pieces: string[];
  subtitle: string;
  /** A second line below the title, for where the wire has no room for the shape. */
  detail: string;
  /** Names written beside the tiles: left of the data, right of the output. */
  labels: string[];
  side: "left" | "right" | null;
  /** Chips that stand below the tiles if there is room. */
  chips: number;
}

export interface Placed extends Plan {
  index: number;
  /** Centre. */
  x: number;
  header: Box;
  /** Around all tiles. */
  frame: Box;
  cells: Box[];
  /** Columns of tiles within the column. */
  grid: number;
  /** Units that are not shown. */
  more: number;
  /** Whether the chips have room. */
  chipped: boolean;
  circle: { y: number; radius: number } | null;
  labelWidth: number;
}

/** A place between two columns where a layer can be put. */
export interface Gap {
  after: string;
  index: number;
  x: number;
  y: number;
  /** Free width between what is drawn left and right of it. */
  room: number;
  /** Height of the middle of the body. */
  middle: number;
}

export interface Layout {
  width: number;
  height: number;
  tile: number;
  /** Size of the title's letters. */
  font: number;
  /** Whether there is room for titles in one line; if not, each piece takes a line of its own. */
  roomy: boolean;
  /** Top and bottom of where tiles may be. */
  body: { top: number; bottom: number };
  columns: Placed[];
  gaps: Gap[];
  bundles: Bundle[];
  arcs: Arc[];
}

export interface Request {
  plans: Plan[];
  wires: Wire[];
  width: number;
  height: number;
  measure: Measure;
}

/** One way to draw: size of a tile, least room between columns, size of a title, most maps one below the other. */
interface Style {
  tile: number;
  gap: number;
  font: number;
  rows: number;
  /** Most that a name beside a tile may take. */
  label: number;
}

const STYLES: Style[] = [
  { tile: 44, gap: 60, font: 13, rows: 6, label: 128 },
  { tile: 44, gap: 44, font: 12, rows: 8, label: 100 },
  { tile: 40, gap: 40, font: 12, rows: 8, label: 92 },
  { tile: 36, gap: 36, font: 12, rows: 8, label: 84 },
  { tile: 32, gap: 34, font: 11, rows: 16, label: 72 },
  { tile: 28, gap: 32, font: 11, rows: 16, label: 64 },
  { tile: 28, gap: 28, font: 11, rows: 16, label: 64 },
];
/** When even the smallest does not fit: a legible size, and the diagram scrolls. */
const SCROLLING: Style[] = [
  { tile: 36, gap: 46, font: 12, rows: 8, label: 92 },
  { tile: 28, gap: 44, font: 12, rows: 16, label: 84 },
];

const MARGIN = 16;
const TOP = 14;
const BOTTOM = 18;
const LEAST_BODY = 150;
const PLUS_ROW = 28;
const CIRCLE = 13;
const MORE = 20;
/** Height of a chip with the gap to the next. */
export const CHIP = 23;

export function layoutOf(request: Request): Layout {
  const tries = STYLES.map((style) => attempt(request, style));
  const found = tries.find((layout) => layout.fits);
  if (found) return found;
  const scrolled = SCROLLING.map((style) => attempt(request, style));
  return scrolled.find((layout) => layout.whole) ?? scrolled[scrolled.length - 1]!;
}

interface Attempt extends Layout {
  fits: boolean;
  /** Whether every tile that should be shown has room. */
  whole: boolean;
}

function attempt({ plans, wires, width, height, measure }: Request, style: Style): Attempt {
  // A guess of the room below the titles: maps that would not fit one below the other take another column.
  const fitting = { ...style, rows: Math.min(style.rows, Math.max(2, Math.floor((height - 150) / (style.tile + 4)))) };
  return arrange({ plans, wires, width, height, measure }, fitting);
}

function arrange({ plans, wires, width, height, measure }: Request, style: Style): Attempt {
  const extents = plans.map((plan) => extentOf(plan, style, measure));
  const across = spread(extents, width, MARGIN, style.gap, plans.length > 2 ? 170 : 220);
  const { centres } = across;

  const titles = plans.map((plan) => measure(plan.title, style.font, true));
  const roomy = titles.slice(1).every((wide, index) => {
    const pair = [Math.max(wide, measure(plans[index + 1]!.subtitle, 11, false)), Math.max(titles[index]!, measure(plans[index]!.subtitle, 11, false))];
    return (pair[0]! + pair[1]!) / 2 + 44 <= centres[index + 1]! - centres[index]!;
  });
  const widths = roomy
    ? plans.map((plan, index) => Math.max(titles[index]!, measure(plan.subtitle, 11, false), 40) + 8)
    : headerWidths(extents, centres, across.width);
  const tall = plans.map((plan, index) => {
    const lines = (texts: string[], size: number, bold: boolean): number =>
      texts.reduce((sum, text) => sum + lineCount(text, widths[index]! - 2, size, bold, measure), 0);
    const below = roomy ? [plan.subtitle] : [plan.subtitle, plan.detail];
    return lines(roomy ? [plan.title] : plan.pieces, style.font, true) * Math.round(style.font * 1.35) + lines(below, 11, false) * 15 + 4;
  });
  const header = Math.max(...tall);

  const skips = wires.filter((wire) => wire.from < wire.to - 1);
  const lanes = lanesHeight(skips);
  const circles = plans.some((plan) => plan.role === "merge" && plan.content.kind === "tiles") ? 2 * CIRCLE + 12 : 0;
  const lanesBottom = TOP + header + (roomy ? 0 : PLUS_ROW) + lanes;
  const top = lanesBottom + circles + 12;
  const full = Math.max(height, top + LEAST_BODY + BOTTOM);
  const body = { top, bottom: full - BOTTOM };

  const columns = plans.map((plan, index): Placed => {
    const box = { x: centres[index]! - widths[index]! / 2, y: TOP, width: widths[index]!, height: header };
    return place(plan, index, centres[index]!, box, body, style, extents[index]!);
  });
  const gaps = columns.slice(0, -1).map((left, index): Gap => {
    const right = columns[index + 1]!;
    const [a, b] = [left.x + extents[index]!.right, right.x - extents[index + 1]!.left];
    const x = roomy ? (left.header.x + left.header.width + right.header.x) / 2 : (a + b) / 2;
    const y = roomy ? TOP + header / 2 - 2 : TOP + header + PLUS_ROW / 2;
    return { after: left.column.tail, index, x, y, room: b - a, middle: (body.top + body.bottom) / 2 };
  });

  const whole = columns.every((placed) => placed.cells.length >= wanted(placed.content) || placed.content.kind === "strip");
  return {
    width: across.width,
    height: full,
    tile: style.tile,
    font: style.font,
    roomy,
    body,
    columns,
    gaps,
    bundles: wires.filter((wire) => wire.from === wire.to - 1).map((wire) => bundle(wire, columns)),
    arcs: arcsOf(skips, columns, lanesBottom - 4),
    fits: across.fits && whole,
    whole,
  };
}

function wanted(content: Content): number {
  return content.kind === "tiles" || content.kind === "maps" ? Math.min(content.count, MOST_TILES) : 0;
}

function extentOf(plan: Plan, style: Style, measure: Measure): Extent {
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
  return Math.min(style.label, Math.max(...plan.labels.map((label) => measure(label, 11, false)))) + 10;
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

function place(plan: Plan, index: number, x: number, header: Box, body: Layout["body"], style: Style, extent: Extent): Placed {
  const room = body.bottom - body.top;
  const middle = (body.top + body.bottom) / 2;
  const side = sideOf(plan, style);
  const common = { ...plan, index, x, header, labelWidth: Math.max(extent.left, extent.right) - side / 2 - 10, chipped: false };
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

function bundle(wire: Wire, columns: readonly Placed[]): Bundle {
  const to = columns[wire.to]!;
  const from = columns[wire.from]!;
  const counts = (placed: Placed): number => ("count" in placed.content ? placed.content.count : 0);
  const same = counts(from) === counts(to);
  const elementwise = to.role === "merge" ? to.cells.length > 0 : same && to.role !== "weights" && to.role !== "output";
  const before = to.column.inputs.slice(0, wire.slot).map((id) => columns.find((placed) => placed.column.tail === id));
  const offset = to.column.nodes[0]?.layer.op === "concatenate" ? before.reduce((sum, placed) => sum + (placed ? counts(placed) : 0), 0) : 0;
  return bundleOf(wire, columns, elementwise, offset);
}
