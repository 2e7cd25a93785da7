// Data points as marks on a canvas: training points are filled, validation points are rings.
import type { Points, Task } from "../api/types.ts";
import { classRgb, colourOf, css, mix, palette } from "./colours.ts";

/** The part of the plane that a picture shows. */
export interface Extent {
  x: readonly [number, number];
  y: readonly [number, number];
}

export const PLANE: Extent = { x: [-6, 6], y: [-6, 6] };

/** The smallest extent that holds every point with a little room around it. */
export function extentOf(points: Points): Extent {
  return { x: span(points.x), y: span(points.y) };
}

function span(values: readonly (number | null)[]): [number, number] {
  let low = Infinity;
  let high = -Infinity;
  for (const value of values) {
    if (value === null || !Number.isFinite(value)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (low > high) return [0, 1];
  const room = (high - low || Math.abs(high) || 1) * 0.06;
  return [low - room, high + room];
}

/** Colour of a point: its class, or where its value lies between -1 and +1. */
export function markColour(value: number, task: Task, dark: boolean): string {
  return task.kind === "classification" ? css(classRgb(value, dark)) : colourOf(value, dark);
}

export interface MarkStyle {
  radius: number;
  dark: boolean;
  /** A hairline around the light ring, for colours that may be as pale as what is behind them. */
  outlined?: boolean;
}

/** One training point: a disc of its colour with a light ring, so that it stands out on its own colour too. */
export function drawTraining(context: CanvasRenderingContext2D, x: number, y: number, colour: string, style: MarkStyle): void {
  if (style.outlined) disc(context, x, y, style.radius + 1.8, css(palette(style.dark).ink, 0.3));
  disc(context, x, y, style.radius + 1.3, style.dark ? "rgb(20 19 17)" : "#fff");
  disc(context, x, y, style.radius, colour);
}

/** One validation point: a dark-rimmed ring of its colour around a light eye. */
export function drawValidation(context: CanvasRenderingContext2D, x: number, y: number, colour: string, style: MarkStyle): void {
  disc(context, x, y, style.radius + 1.1, css(palette(style.dark).ink, 0.8));
  disc(context, x, y, style.radius + 0.3, colour);
  disc(context, x, y, style.radius * 0.45, style.dark ? "rgb(20 19 17)" : "#fff");
}

export function disc(context: CanvasRenderingContext2D, x: number, y: number, radius: number, colour: string): void {
  context.fillStyle = colour;
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.fill();
}

/** Size of a mark for a picture of this side and this many points. */
export function markRadius(side: number, count: number): number {
  const crowd = count > 2000 ? 0.55 : count > 1000 ? 0.7 : count > 600 ? 0.85 : 1;
  return Math.max(1.4, Math.min(4, side / 98) * crowd);
}

/** Draws every point; validation points last, and only when asked. */
export function drawPoints(
  context: CanvasRenderingContext2D,
  points: Points,
  task: Task,
  area: { width: number; height: number },
  extent: Extent,
  options: { validation: boolean; dark: boolean; radius?: number },
): void {
  const radius = options.radius ?? markRadius(Math.min(area.width, area.height), points.x.length);
  const style = { radius, dark: options.dark, outlined: task.kind === "regression" };
  for (const pass of options.validation ? [false, true] : [false]) {
    for (let index = 0; index < points.x.length; index++) {
      const [x, y] = [points.x[index], points.y[index]];
      if ((points.validation[index] ?? false) !== pass || x == null || y == null) continue;
      const across = ((x - extent.x[0]) / (extent.x[1] - extent.x[0])) * area.width;
      const down = ((extent.y[1] - y) / (extent.y[1] - extent.y[0])) * area.height;
      const colour = markColour(points.value[index] ?? 0, task, options.dark);
      (pass ? drawValidation : drawTraining)(context, across, down, colour, style);
    }
  }
}

/** A colour pulled towards the paper, for what should not shout. */
export function calm(colour: readonly [number, number, number], share: number, dark: boolean): string {
  return css(mix(palette(dark).paper, colour, share));
}
