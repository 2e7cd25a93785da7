// Puts the cards of problems side by side, each as near to its column as the others allow.

export interface CardPlace {
  /** Distance from the card before it, or from the left edge. */
  before: number;
  width: number;
  /** Where on the card's upper edge it points to its column; null when it points nowhere. */
  point: number | null;
}

const EDGE = 10;
const GAP = 10;
const LEAST = 200;
const MOST = 300;

/** Places for as many cards as fit, in the order of their problems. Anchors are the columns' centres. */
export function cardPlaces(anchors: readonly (number | null)[], width: number): CardPlace[] {
  const room = width - 2 * EDGE;
  const count = Math.max(1, Math.min(anchors.length, Math.floor((room + GAP) / (LEAST + GAP))));
  const rest = anchors.length > count ? 110 : 0;
  const shown = anchors.slice(0, rest && count > 1 && count * (LEAST + GAP) > room - rest ? count - 1 : count);
  const wide = Math.min(MOST, (room - rest - GAP * (shown.length - 1)) / shown.length);
  const lefts = shown.map((anchor) => (anchor ?? width / 2) - wide / 2);
  // Pushed right until none overlaps, then back left until the last is inside.
  lefts.forEach((left, index) => {
    lefts[index] = Math.max(left, index ? lefts[index - 1]! + wide + GAP : EDGE);
  });
  for (let index = lefts.length - 1, limit = width - EDGE - rest - wide; index >= 0; index -= 1) {
    lefts[index] = Math.max(EDGE + index * (wide + GAP), Math.min(lefts[index]!, limit));
    limit = lefts[index]! - wide - GAP;
  }
  return lefts.map((left, index) => {
    const anchor = shown[index]!;
    const point = anchor === null ? null : anchor - left;
    return {
      before: left - (index ? lefts[index - 1]! + wide : 0),
      width: wide,
      point: point !== null && point > 10 && point < wide - 10 ? point : null,
    };
  });
}
