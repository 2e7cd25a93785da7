// The links between tiles: curves coloured by the sign and drawn by the magnitude of their weight, all on one canvas.

import type { Matrix } from "../api/types.ts";
import type { Layout } from "./layout.ts";
import type { Bundle } from "./routes.ts";

/** One link: indexes of the bundle, of the tile it leaves and of the tile it enters. */
export interface Link {
  bundle: number;
  from: number;
  to: number;
}

/** A tile by column and place: its links stand out. */
export interface Spot {
  column: number;
  cell: number;
}

export interface Colours {
  negative: string;
  positive: string;
  rest: string;
  ribbon: string;
}

/** Weights of a bundle, row by unit and column by input; null while none are known. */
export type BundleWeights = (Matrix["values"] | null)[];

const STEPS = 10;
const FADED = 0.14;

/** How strong a weight looks, 0 to 1: the largest of its layer is full, and first small weights stay small. */
export function strength(weight: number, largest: number): number {
  return Math.min(1, Math.abs(weight) / Math.max(1, largest));
}

export function largestOf(values: Matrix["values"]): number {
  let largest = 0;
  for (const row of values) for (const value of row) if (value !== null) largest = Math.max(largest, Math.abs(value));
  return largest;
}

/** The pairs of places a bundle joins. */
export function* pairsOf(bundle: Bundle): Generator<[from: number, to: number]> {
  if (bundle.kind === "each") {
    for (let from = 0; from < bundle.starts.length; from += 1) {
      if (from + bundle.offset < bundle.ends.length) yield [from, from + bundle.offset];
    }
    return;
  }
  for (let to = 0; to < bundle.ends.length; to += 1) for (let from = 0; from < bundle.starts.length; from += 1) yield [from, to];
}

/** Draws every bundle; the links of `hot` (a tile) or `link` stand out and the others fade. */
export function paint(
  context: CanvasRenderingContext2D,
  layout: Layout,
  weights: BundleWeights,
  colours: Colours,
  hot: Spot | null,
  link: Link | null,
): void {
  context.lineCap = "round";
  layout.bundles.forEach((bundle, index) => {
    if (bundle.kind === "ribbon") ribbon(context, bundle, colours);
    else strokes(context, bundle, weights[index] ?? null, colours, hot, link?.bundle === index ? link : null, hot !== null || link !== null);
  });
}

function strokes(
  context: CanvasRenderingContext2D,
  bundle: Bundle,
  values: Matrix["values"] | null,
  colours: Colours,
  hot: Spot | null,
  link: Link | null,
  focused: boolean,
): void {
  // Links of equal look share one path: a few dozen strokes a frame however many links there are.
  const paths = new Map<number, Path2D>();
  const largest = values ? largestOf(values) : 0;
  // Many lines that all look alike would add up to a dark cloth.
  const faint = bundle.kind === "each" ? 0.5 : Math.max(0.16, Math.min(0.5, 14 / (bundle.starts.length * bundle.ends.length)));
  for (const [from, to] of pairsOf(bundle)) {
    const weight = values?.[to]?.[from];
    const step = typeof weight === "number" ? Math.round(strength(weight, largest) * STEPS) : 0;
    const sign = typeof weight !== "number" ? 0 : weight < 0 ? 1 : 2;
    const bright = !focused || isHot(bundle, from, to, hot) || (link !== null && link.from === from && link.to === to);
    const look = (bright ? 1000 : 0) + step * 3 + sign;
    let path = paths.get(look);
    if (!path) paths.set(look, (path = new Path2D()));
    curve(path, bundle.x0, bundle.starts[from]!, bundle.x1, bundle.ends[to]!);
  }
  for (const look of [...paths.keys()].sort((a, b) => a - b)) {
    const bright = look >= 1000;
    const share = Math.floor((look % 1000) / 3) / STEPS;
    const sign = (look % 1000) % 3;
    context.strokeStyle = sign === 0 ? colours.rest : sign === 1 ? colours.negative : colours.positive;
    const alpha = sign === 0 ? faint : 0.22 + 0.68 * share;
    context.globalAlpha = focused ? (bright ? Math.max(alpha, 0.55) : alpha * FADED) : alpha;
    context.lineWidth = sign === 0 ? (bright && focused ? 1.6 : 1) : 0.7 + 4 * share + (focused && bright ? 0.5 : 0);
    context.stroke(paths.get(look)!);
  }
  context.globalAlpha = 1;
}

function isHot(bundle: Bundle, from: number, to: number, hot: Spot | null): boolean {
  return hot !== null && ((bundle.from === hot.column && from === hot.cell) || (bundle.to === hot.column && to === hot.cell));
}

function curve(path: Path2D, x0: number, y0: number, x1: number, y1: number): void {
  const middle = (x0 + x1) / 2;
  path.moveTo(x0, y0);
  path.bezierCurveTo(middle, y0, middle, y1, x1, y1);
}

/** Everything feeds everything: one soft band as high as what it joins. */
function ribbon(context: CanvasRenderingContext2D, { x0, x1, starts, ends }: Bundle, colours: Colours): void {
  const [top0, bottom0] = [Math.min(...starts), Math.max(...starts)];
  const [top1, bottom1] = [Math.min(...ends), Math.max(...ends)];
  const middle = (x0 + x1) / 2;
  const least = (top: number, bottom: number): [number, number] => (bottom - top < 6 ? [top - 3, bottom + 3] : [top, bottom]);
  const [a0, b0] = least(top0, bottom0);
  const [a1, b1] = least(top1, bottom1);
  context.beginPath();
  context.moveTo(x0 + 3, a0);
  context.bezierCurveTo(middle, a0, middle, a1, x1 - 3, a1);
  context.lineTo(x1 - 3, b1);
  context.bezierCurveTo(middle, b1, middle, b0, x0 + 3, b0);
  context.closePath();
  context.fillStyle = colours.ribbon;
  context.fill();
}

/** The height of a curve at `x`, by halving: its horizontal run is the same for every link of a bundle. */
function shareAt(x: number, x0: number, x1: number): number {
  const middle = (x0 + x1) / 2;
  let low = 0;
  let high = 1;
  for (let round = 0; round < 18; round += 1) {
    const t = (low + high) / 2;
    const at = (1 - t) ** 3 * x0 + 3 * (1 - t) ** 2 * t * middle + 3 * (1 - t) * t ** 2 * middle + t ** 3 * x1;
    if (at < x) low = t;
    else high = t;
  }
  const t = (low + high) / 2;
  return 3 * (1 - t) * t ** 2 + t ** 3;
}

/** The link with a known weight nearest to a point, within reach of a finger's patience; thicker ones are easier to meet. */
export function linkAt(layout: Layout, weights: BundleWeights, x: number, y: number): Link | null {
  const index = layout.bundles.findIndex((bundle) => bundle.kind === "all" && bundle.x0 <= x && x <= bundle.x1);
  const bundle = layout.bundles[index];
  const values = weights[index];
  if (!bundle || !values) return null;
  const share = shareAt(x, bundle.x0, bundle.x1);
  const largest = largestOf(values);
  let nearest: Link | null = null;
  let least = 6;
  for (const [from, to] of pairsOf(bundle)) {
    const weight = values[to]?.[from];
    if (typeof weight !== "number") continue;
    const height = bundle.starts[from]! + (bundle.ends[to]! - bundle.starts[from]!) * share;
    const distance = Math.abs(height - y) - 2 * strength(weight, largest);
    if (distance < least) {
      least = distance;
      nearest = { bundle: index, from, to };
    }
  }
  return nearest;
}
