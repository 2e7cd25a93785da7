// Numbers along an axis, drawn as lines: a waveform, a series with its forecast, returns of episodes. Large and small alike.
import type { Lines } from "../api/types.ts";
import { classColour, css, palette } from "./colours.ts";
import type { Extent } from "./marks.ts";

type Line = Lines["lines"][number];

export interface Area {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** How one line is drawn. */
export interface Stroke {
  colour: string;
  width: number;
  dash: number[];
}

/** What all lines take up; numbers that swing about zero stay in the middle, and a little room is left above and below. */
export function linesExtent(picture: Lines): Extent {
  const x = spanOf(picture.lines.map((line) => line.x));
  const y = spanOf(picture.lines.map((line) => line.y));
  const even = y[0] < 0 && y[1] > 0 && Math.min(-y[0], y[1]) > 0.5 * Math.max(-y[0], y[1]);
  const most = Math.max(-y[0], y[1]);
  const [low, high] = even ? [-most, most] : y;
  const room = (high - low || Math.abs(high) || 1) * 0.06;
  return { x: x[1] > x[0] ? x : [x[0], x[0] + 1], y: [low - room, high + room] };
}

function spanOf(rows: readonly (readonly (number | null)[])[]): [number, number] {
  let [low, high] = [Infinity, -Infinity];
  for (const row of rows) {
    for (const value of row) {
      if (value === null) continue;
      if (value < low) low = value;
      if (value > high) high = value;
    }
  }
  return low > high ? [0, 1] : [low, high];
}

/** The look of each line: what is true is ink, what the network says blue, what it is measured by dashed; several inputs have colours of their own. */
export function strokesOf(picture: Lines, dark: boolean): Stroke[] {
  const { ink, positive } = palette(dark);
  const validation = dark ? "rgb(229 107 178)" : "rgb(194 55 139)";
  const inputs = picture.lines.filter((line) => line.role === "input");
  return picture.lines.map((line): Stroke => {
    switch (line.role) {
      case "input":
        return { colour: inputs.length > 1 ? classColour(inputs.indexOf(line), dark) : css(ink, 0.75), width: 1.2, dash: [] };
      case "truth":
      case "training":
        return { colour: css(ink), width: 1.7, dash: [] };
      case "prediction":
        return { colour: css(positive), width: 1.8, dash: [] };
      case "validation":
        return { colour: validation, width: 1.8, dash: [] };
      case "baseline":
        return { colour: css(ink, 0.5), width: 1.3, dash: [5, 4] };
      default:
        return line.role satisfies never;
    }
  });
}

/** Draws the lines into an area. Where many points fall on one pixel, what is seen is how far up and down they reach. */
export function drawLines(context: CanvasRenderingContext2D, picture: Lines, area: Area, extent: Extent, dark: boolean, thick = 1): void {
  const strokes = strokesOf(picture, dark);
  context.save();
  context.lineJoin = "round";
  picture.lines.forEach((line, place) => {
    const stroke = strokes[place]!;
    context.strokeStyle = stroke.colour;
    context.lineWidth = stroke.width * thick;
    context.setLineDash(stroke.dash);
    context.lineCap = stroke.dash.length ? "butt" : "round";
    context.beginPath();
    trace(context, line, area, extent);
    context.stroke();
  });
  context.restore();
}

function trace(context: CanvasRenderingContext2D, line: Line, area: Area, { x, y }: Extent): void {
  const across = (value: number): number => area.x + ((value - x[0]) / (x[1] - x[0])) * area.width;
  const down = (value: number): number => area.y + ((y[1] - value) / (y[1] - y[0])) * area.height;
  let column: { pixel: number; low: number; high: number; last: number } | null = null;
  const close = (): void => {
    if (!column || column.low === column.high) return;
    context.lineTo(column.pixel, down(column.low));
    context.lineTo(column.pixel, down(column.high));
    context.lineTo(column.pixel, down(column.last));
  };
  line.y.forEach((value, place) => {
    if (value === null) {
      close();
      column = null;
      return;
    }
    const pixel = across(line.x[place] ?? 0);
    if (column && Math.abs(pixel - column.pixel) < 0.5) {
      column.low = Math.min(column.low, value);
      column.high = Math.max(column.high, value);
      column.last = value;
      return;
    }
    close();
    // A point between two gaps is a line of hardly any length, which its round ends make visible.
    if (!column) context.moveTo(pixel - 0.01, down(value));
    context.lineTo(pixel, down(value));
    column = { pixel, low: value, high: value, last: value };
  });
  close();
}

/** What each line says where it comes nearest to `x`; null where it has nothing within `reach`. */
export function readOff(picture: Lines, x: number, reach: number): { at: number; values: (number | null)[] } | null {
  const places = picture.lines.map((line) => nearest(line.x, x));
  const distances = picture.lines.map((line, index) => Math.abs((line.x[places[index]!] ?? Infinity) - x));
  const best = distances.indexOf(Math.min(...distances));
  const at = picture.lines[best]?.x[places[best]!];
  if (at === undefined) return null;
  return { at, values: picture.lines.map((line, index) => (distances[index]! <= reach ? (line.y[places[index]!] ?? null) : null)) };
}

/** Place of the number nearest to `x` in an ascending row. */
function nearest(row: readonly number[], x: number): number {
  let [low, high] = [0, row.length - 1];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (row[middle]! <= x) low = middle;
    else high = middle;
  }
  return Math.abs((row[low] ?? Infinity) - x) <= Math.abs((row[high] ?? Infinity) - x) ? low : high;
}
