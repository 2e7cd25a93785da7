// Every kind of picture, small: enough to recognise it by.
import type { Bars, Heatmap, Images, Matrix, Picture, Points, Table, Task, Tokens } from "../api/types.ts";
import { drawEpisode } from "./episode.ts";
import { calm, disc, extentOf, markColour } from "./marks.ts";
import { classColour, classColours, colourOf, css, palette } from "./colours.ts";
import { drawField, drawPixels, planeCells, planePixels } from "./fields.ts";
import { drawLines, linesExtent } from "./lines.ts";
import { imagePixels } from "./raster.ts";
import { drawTree } from "./trees.ts";

type Draw<Kind> = (context: CanvasRenderingContext2D, picture: Kind, side: number, dark: boolean) => void;

export function drawThumbnail(context: CanvasRenderingContext2D, picture: Picture, side: number, dark: boolean): void {
  switch (picture.kind) {
    case "heatmap":
      return heatmap(context, picture, side, dark);
    case "images":
      return images(context, picture, side, dark);
    case "matrix":
      return matrix(context, picture, side, dark);
    case "points":
      return points(context, picture, side, dark);
    case "bars":
      return bars(context, picture, side, dark);
    case "table":
      return table(context, picture, side, dark);
    case "tokens":
      return tokens(context, picture, side, dark);
    case "lines":
      return drawLines(context, picture, { x: side * 0.06, y: side * 0.1, width: side * 0.88, height: side * 0.8 }, linesExtent(picture), dark, Math.max(0.6, side / 90));
    case "trees":
      return picture.trees[0] && drawTree(context, picture.trees[0], { x: side * 0.06, y: side * 0.08, width: side * 0.88, height: side * 0.84 }, dark);
    case "episode":
      return drawEpisode(context, picture, picture.actions.length / 2, side, side, dark);
    default:
      return picture satisfies never;
  }
}

const heatmap: Draw<Heatmap> = (context, picture, side, dark) => {
  const plane = picture.planes[0];
  if (!plane) return;
  const area = { x: 0, y: 0, width: side, height: side };
  const blended = picture.planes.length > 2 && picture.planes.every((each) => each.node === "output" && each.width === plane.width);
  if (plane.width >= 20) drawField(context, picture, 0, blended ? classColours(picture.planes.length, dark) : null, area, dark);
  // Small maps (kernels, single activations) are looked at cell by cell.
  else drawPixels(context, planePixels(planeCells(picture, 0), plane.width, plane.height, dark), plane.width, plane.height, area, false);
};

const images: Draw<Images> = (context, picture, side, dark) => {
  // One image fills the square; several stand two or three abreast.
  const count = Math.min(9, picture.tiles.length);
  const abreast = count >= 9 && side >= 56 ? 3 : count >= 4 ? 2 : 1;
  const gap = abreast > 1 ? 1 : 0;
  const cell = (side - gap * (abreast - 1)) / abreast;
  const tall = (cell * picture.height) / picture.width;
  for (let place = 0; place < Math.min(count, abreast * abreast); place++) {
    const x = (place % abreast) * (cell + gap);
    const y = Math.floor(place / abreast) * (cell + gap) + (cell - tall) / 2;
    drawPixels(context, imagePixels(picture, place, dark), picture.width, picture.height, { x, y, width: cell, height: tall });
  }
};

const matrix: Draw<Matrix> = (context, picture, side, dark) => {
  const rows = picture.values.length;
  const columns = picture.values[0]?.length ?? 0;
  const most = Math.max(1e-9, ...picture.values.flat().map((value) => Math.abs(value ?? 0)));
  const { ink, negative } = palette(dark);
  picture.values.forEach((row, y) =>
    row.forEach((value, x) => {
      const share = (value ?? 0) / most;
      context.fillStyle =
        picture.role === "weights" ? colourOf(share, dark) : x === y ? calm(ink, 0.08 + share * 0.35, dark) : calm(negative, Math.sqrt(share), dark);
      context.fillRect((x * side) / columns, (y * side) / rows, side / columns + 0.5, side / rows + 0.5);
    }),
  );
};

const points: Draw<Points> = (context, picture, side, dark) => {
  // Bare dots: rings would eat up marks this small.
  const whole = picture.value.every((value) => Number.isInteger(value) && value >= 0);
  const task: Task = whole && picture.role === "data" ? { kind: "classification", classes: [] } : { kind: "regression", targets: [] };
  const shown = every(picture, 260);
  const extent = extentOf(picture);
  const radius = Math.max(0.8, side / 42);
  for (let place = 0; place < shown.x.length; place++) {
    const [x, y] = [shown.x[place], shown.y[place]];
    if (x == null || y == null) continue;
    const across = ((x - extent.x[0]) / (extent.x[1] - extent.x[0])) * side;
    const down = ((extent.y[1] - y) / (extent.y[1] - extent.y[0])) * side;
    disc(context, across, down, radius, picture.role === "fit" ? classColour(1, dark) : markColour(shown.value[place]!, task, dark));
  }
};

// At most so many of the points, evenly chosen: a thumbnail full of dots shows nothing.
function every(picture: Points, most: number): Points {
  const stride = Math.max(1, picture.x.length / most);
  const places = Array.from({ length: Math.floor(picture.x.length / stride) }, (_, place) => Math.floor(place * stride));
  return {
    ...picture,
    x: places.map((place) => picture.x[place]!),
    y: places.map((place) => picture.y[place]!),
    value: places.map((place) => picture.value[place] ?? 0),
    validation: places.map((place) => picture.validation[place] ?? false),
  };
}

const bars: Draw<Bars> = (context, picture, side, dark) => {
  const most = Math.max(1e-9, ...picture.values.map((value) => Math.abs(value ?? 0)));
  const slot = (side * 0.8) / picture.values.length;
  picture.values.forEach((value, place) => {
    const tall = (Math.abs(value ?? 0) / most) * side * 0.72;
    context.fillStyle = (value ?? 0) < 0 ? classColour(0, dark) : classColour(1, dark);
    context.fillRect(side * 0.1 + place * slot + slot * 0.12, side * 0.88 - tall, slot * 0.76, tall);
  });
};

/** A cell as a number to draw it by; a word is as strong as another. */
const numberOf = (cell: Table["rows"][number][number] | undefined): number => (typeof cell === "number" ? cell : 0);

const table: Draw<Table> = (context, picture, side, dark) => {
  // Rows of strokes, each as strong as its number within its column.
  const rows = picture.rows.slice(0, 6);
  const columns = Math.min(4, picture.columns.length);
  const { ink } = palette(dark);
  const pad = side * 0.12;
  const wide = (side - 2 * pad) / columns;
  const tall = (side - 2 * pad) / Math.max(rows.length, 1);
  for (let column = 0; column < columns; column++) {
    const values = rows.map((row) => numberOf(row[column]));
    const [low, high] = [Math.min(...values), Math.max(...values)];
    values.forEach((value, row) => {
      const share = high > low ? (value - low) / (high - low) : 0.5;
      context.fillStyle = css(ink, 0.22 + share * 0.5);
      context.fillRect(pad + column * wide, pad + row * tall + tall * 0.3, wide * (0.3 + 0.5 * share), Math.max(1.2, tall * 0.34));
    });
  }
};

const tokens: Draw<Tokens> = (context, picture, side, dark) => {
  // The beginnings of some texts; what has been cut into tokens stands in boxes.
  const { ink } = palette(dark);
  const rows = picture.sentences.slice(0, 3);
  const pad = side * 0.07;
  const tall = (side - 2 * pad) / 3;
  const size = tall * 0.66;
  context.font = `${size}px system-ui, "PingFang SC", "Microsoft YaHei", "WenQuanYi Micro Hei", sans-serif`;
  context.textBaseline = "middle";
  rows.forEach(({ tokens: parts }, row) => {
    let across = pad;
    const middle = pad + (row + 0.5) * tall;
    for (const part of parts) {
      if (across > side) break;
      const wide = context.measureText(part).width;
      if (parts.length > 1) {
        context.fillStyle = css(ink, 0.1);
        context.fillRect(across, middle - tall * 0.42, wide + size * 0.16, tall * 0.84);
      }
      context.fillStyle = css(ink, 0.78);
      context.fillText(part, across + (parts.length > 1 ? size * 0.08 : 0), middle);
      across += wide + size * 0.3;
    }
  });
};
