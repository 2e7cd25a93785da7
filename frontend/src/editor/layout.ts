// Where everything in the diagram stands: a pure function from columns and room to boxes, gaps, links and arcs.

import type { Content } from "./contents.ts";
import type { Column, Role, Wire } from "./graph.ts";
import type { Style } from "./place.ts";
import { CIRCLE, extentOf, place, wanted } from "./place.ts";
import type { Arc, Bundle } from "./routes.ts";
import { arcsOf, bundleOf, lanesHeight } from "./routes.ts";
import type { Measure } from "./spread.ts";
import { headerWidths, lineCount, spread } from "./spread.ts";

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
