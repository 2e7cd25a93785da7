// Heatmaps as pixels: one signed plane through the colour table, or the probabilities of several classes blended.
import type { Heatmap } from "../api/types.ts";
import { diverging, MISSING, pack, palette, type Rgb } from "./colours.ts";

/** The colours of a plane, one a cell, ready for a canvas; cells that are not a number are hatched in stripes of `stripe` cells. */
export function planePixels(cells: Uint8Array, width: number, height: number, dark: boolean, stripe = 2): Uint32Array<ArrayBuffer> {
  const table = diverging(dark);
  const zero = table[127]!;
  const pixels = new Uint32Array(width * height);
  const count = Math.min(pixels.length, cells.length);
  for (let cell = 0; cell < count; cell++) {
    const byte = cells[cell]!;
    const gap = byte === MISSING && (((cell % width) + Math.floor(cell / width)) / stripe) & 1;
    pixels[cell] = gap ? zero : table[byte]!;
  }
  return pixels;
}

/** The colours of k planes of probabilities: each class by its share, paler where the network is unsure. */
export function classPixels(planes: readonly Uint8Array[], colours: readonly Rgb[], dark: boolean): Uint32Array<ArrayBuffer> {
  const size = planes[0]?.length ?? 0;
  const classes = planes.length;
  const zero = palette(dark).zero;
  const pixels = new Uint32Array(size);
  for (let cell = 0; cell < size; cell++) {
    let total = 0;
    let best = 0;
    let red = 0;
    let green = 0;
    let blue = 0;
    for (let index = 0; index < classes; index++) {
      const probability = Math.max(0, (planes[index]![cell]! - 127) / 127);
      const colour = colours[index % colours.length]!;
      // Squares let the likelier class speak louder, or three colours would blend to mud.
      const weight = probability * probability;
      total += weight;
      best = Math.max(best, probability);
      red += weight * colour[0];
      green += weight * colour[1];
      blue += weight * colour[2];
    }
    const sure = total > 0 ? Math.max(0, (best - 1 / classes) / (1 - 1 / classes)) ** 0.75 : 0;
    const share = total > 0 ? sure / total : 0;
    pixels[cell] = pack([
      Math.round(zero[0] * (1 - sure) + red * share),
      Math.round(zero[1] * (1 - sure) + green * share),
      Math.round(zero[2] * (1 - sure) + blue * share),
    ]);
  }
  return pixels;
}

/** One plane of a heatmap, without copying. */
export function planeCells(heatmap: Heatmap, plane: number): Uint8Array {
  let start = 0;
  for (const before of heatmap.planes.slice(0, plane)) start += before.width * before.height;
  const { width, height } = heatmap.planes[plane]!;
  return heatmap.cells.subarray(start, start + width * height);
}

/** A plane with `factor` times as many cells each way, blended by cubic B-splines: borders come out as curves, not as stairs. */
export function enlarged(cells: Uint8Array, width: number, height: number, factor: number): Uint8Array<ArrayBuffer> {
  const taps = Array.from({ length: factor }, (_, phase) => splineTaps((phase + 0.5) / factor - 0.5));
  const [wide, tall] = [width * factor, height * factor];
  const across = new Float32Array(wide * height);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < wide; column++) {
      const { first, weights } = taps[column % factor]!;
      const start = Math.floor(column / factor) + first;
      let sum = 0;
      for (let tap = 0; tap < 4; tap++) {
        const byte = cells[row * width + clamp(start + tap, width)]!;
        sum += weights[tap]! * (byte === MISSING ? 127 : byte);
      }
      across[row * wide + column] = sum;
    }
  }
  const result = new Uint8Array(wide * tall);
  for (let row = 0; row < tall; row++) {
    const { first, weights } = taps[row % factor]!;
    const near = Math.floor(row / factor);
    const [a, b, c, d] = [0, 1, 2, 3].map((tap) => clamp(near + first + tap, height) * wide) as [number, number, number, number];
    for (let column = 0; column < wide; column++) {
      const missing = cells[near * width + Math.floor(column / factor)] === MISSING;
      result[row * wide + column] = missing
        ? MISSING
        : weights[0] * across[a + column]! + weights[1] * across[b + column]! + weights[2] * across[c + column]! + weights[3] * across[d + column]! + 0.5;
    }
  }
  return result;
}

// The four cells that a place `offset` beside a cell's middle is blended from: how far off the first is, and their shares.
function splineTaps(offset: number): { first: number; weights: [number, number, number, number] } {
  const first = offset < 0 ? -2 : -1;
  const t = offset < 0 ? offset + 1 : offset;
  return {
    first,
    weights: [(1 - t) ** 3 / 6, (4 - 6 * t ** 2 + 3 * t ** 3) / 6, (4 - 6 * (1 - t) ** 2 + 3 * (1 - t) ** 3) / 6, t ** 3 / 6],
  };
}

function clamp(place: number, length: number): number {
  return place < 0 ? 0 : place >= length ? length - 1 : place;
}

/** Pixels as an image of the same size. */
export function toImage(pixels: Uint32Array<ArrayBuffer>, width: number, height: number): ImageData {
  return new ImageData(new Uint8ClampedArray(pixels.buffer), width, height);
}

let easel: HTMLCanvasElement | undefined;

/** Draws the whole answer of a heatmap over an area: one signed plane, or (with `colours`) every class blended. */
export function drawField(
  context: CanvasRenderingContext2D,
  heatmap: Heatmap,
  plane: number,
  colours: readonly Rgb[] | null,
  area: { x: number; y: number; width: number; height: number },
  dark: boolean,
): void {
  const shape = heatmap.planes[plane];
  if (!shape) return;
  // Enough cells that the browser's own blending has little left to do; fewer for many planes, or a frame would take too long.
  const factor = Math.max(1, Math.min(heatmap.planes.length > 3 && colours ? 2 : 3, Math.ceil(area.width / shape.width)));
  const [width, height] = [shape.width * factor, shape.height * factor];
  const enlarge = (index: number): Uint8Array => enlarged(planeCells(heatmap, index), shape.width, shape.height, factor);
  const pixels = colours
    ? classPixels(heatmap.planes.map((_, index) => enlarge(index)), colours, dark)
    : planePixels(enlarge(plane), width, height, dark, 2 * factor);
  drawPixels(context, pixels, width, height, area);
}

/** Draws pixels over the whole of `context`'s area, smoothly enlarged or as crisp cells. */
export function drawPixels(
  context: CanvasRenderingContext2D,
  pixels: Uint32Array<ArrayBuffer>,
  width: number,
  height: number,
  area: { x: number; y: number; width: number; height: number },
  smooth = true,
): void {
  easel ??= document.createElement("canvas");
  easel.width = width;
  easel.height = height;
  easel.getContext("2d")?.putImageData(toImage(pixels, width, height), 0, 0);
  context.imageSmoothingEnabled = smooth;
  context.imageSmoothingQuality = "high";
  context.drawImage(easel, area.x, area.y, area.width, area.height);
}
