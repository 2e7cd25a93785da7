// A drawing as strokes, and as the grid of ink that goes to the network.

export interface StrokePoint {
  x: number;
  y: number;
  /** 0 to 1; 0.5 for a mouse. */
  pressure: number;
}
export type Stroke = StrokePoint[];

/** Side of the square that strokes are measured in, and of the grid that the network gets. */
export const SIDE = 280;
export const GRID = 56;
const NIB = 22;

/** Draws strokes with a round nib, smoothly through the middles between points; a heavier hand draws a little wider. */
export function drawStrokes(context: CanvasRenderingContext2D, strokes: readonly Stroke[], colour: string): void {
  context.strokeStyle = colour;
  context.fillStyle = colour;
  context.lineCap = "round";
  context.lineJoin = "round";
  for (const stroke of strokes) {
    const first = stroke[0];
    if (!first) continue;
    if (stroke.length === 1) {
      context.beginPath();
      context.arc(first.x, first.y, nib(first) / 2, 0, 2 * Math.PI);
      context.fill();
      continue;
    }
    context.beginPath();
    context.moveTo(first.x, first.y);
    let width = nib(first);
    for (let index = 1; index < stroke.length; index++) {
      const [previous, next] = [stroke[index - 1]!, stroke[index]!];
      const end = index === stroke.length - 1;
      const to = end ? next : { x: (previous.x + next.x) / 2, y: (previous.y + next.y) / 2 };
      context.quadraticCurveTo(previous.x, previous.y, to.x, to.y);
      // One path as long as the width stays: joints of separate paths would show as beads.
      if (!end && nib(next) === width) continue;
      context.lineWidth = width;
      context.stroke();
      context.beginPath();
      context.moveTo(to.x, to.y);
      width = nib(next);
    }
  }
}

// In whole units, so that a steady hand gives one width.
function nib(point: StrokePoint): number {
  return Math.round(NIB * (0.72 + 0.56 * point.pressure));
}

/** Ink of a drawing by area: of an RGBA image of `side` × `side` pixels the opacity, averaged to `grid` × `grid` of 0 to 255. */
export function downsampled(rgba: ArrayLike<number>, side: number, grid: number): number[][] {
  const cell = side / grid;
  const rows: number[][] = [];
  for (let row = 0; row < grid; row++) {
    const line: number[] = [];
    for (let column = 0; column < grid; column++) {
      let sum = 0;
      let count = 0;
      for (let y = Math.floor(row * cell); y < Math.floor((row + 1) * cell); y++) {
        for (let x = Math.floor(column * cell); x < Math.floor((column + 1) * cell); x++) {
          sum += rgba[(y * side + x) * 4 + 3] ?? 0;
          count++;
        }
      }
      line.push(count ? Math.round(sum / count) : 0);
    }
    rows.push(line);
  }
  return rows;
}
