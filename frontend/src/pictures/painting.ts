// Strokes of the point brush: what a press or a drag adds to the painted points, and what the eraser takes away.

/** x, y between -6 and 6, and the class. */
export type PaintedPoint = readonly [number, number, number];

interface Place {
  x: number;
  y: number;
}

const SPACING = 0.32;
const JITTER = 0.36;
const ERASER = 0.6;
const MOST = 5000;
const EDGE = 6;

/** The points after the brush has moved from `from` (null: just pressed) to `to`: one for every bit of the way, scattered a little. */
export function sprayed(
  points: readonly PaintedPoint[],
  from: Place | null,
  to: Place,
  index: number,
  random: () => number = Math.random,
): PaintedPoint[] {
  const length = from ? Math.hypot(to.x - from.x, to.y - from.y) : 0;
  // A slow hand makes many short moves: each then paints with the chance that its length deserves.
  const count = from ? Math.floor(length / SPACING + random()) : 1;
  const added: PaintedPoint[] = [];
  for (let step = 1; step <= count && points.length + added.length < MOST; step++) {
    const share = step / count;
    const x = from ? from.x + (to.x - from.x) * share : to.x;
    const y = from ? from.y + (to.y - from.y) * share : to.y;
    const scatter = from ? JITTER : 0;
    added.push([bounded(x + scatter * (2 * random() - 1)), bounded(y + scatter * (2 * random() - 1)), index]);
  }
  return [...points, ...added];
}

/** The points without those under the eraser. */
export function erased(points: readonly PaintedPoint[], at: Place): PaintedPoint[] {
  return points.filter(([x, y]) => Math.hypot(x - at.x, y - at.y) > ERASER);
}

function bounded(value: number): number {
  return Math.round(Math.max(-EDGE, Math.min(EDGE, value)) * 100) / 100;
}
