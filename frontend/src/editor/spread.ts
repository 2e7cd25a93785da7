// Places columns from left to right with equal room between them, and breaks their titles into lines.

/** Width of a text in pixels at a font size; bold or not. */
export type Measure = (text: string, size: number, bold: boolean) => number;

/** A width good enough where there is no canvas to ask: Chinese is square, the rest is about half as wide as high. */
export const estimate: Measure = (text, size, bold) => {
  let width = 0;
  for (const letter of text) width += isChinese(letter) ? size : size * (bold ? 0.62 : 0.55);
  return width;
};

function isChinese(letter: string): boolean {
  return /[\u2e80-\u9fff\uff00-\uffef]/.test(letter);
}

export function longestWord(text: string, size: number, bold: boolean, measure: Measure): number {
  return Math.max(0, ...text.split(" ").map((word) => measure(word, size, bold)));
}

/** How many lines a text takes in `width`, broken at spaces only: short Chinese titles read badly when they are cut. */
export function lineCount(text: string, width: number, size: number, bold: boolean, measure: Measure): number {
  if (!text) return 0;
  let lines = 1;
  let used = 0;
  for (const word of text.split(" ")) {
    const wide = measure(word, size, bold);
    if (used > 0 && used + wide > width) {
      lines += 1;
      used = 0;
    }
    used += wide + measure(" ", size, bold);
  }
  return lines;
}

export interface Extent {
  /** Room needed left and right of the centre by what is drawn. */
  left: number;
  right: number;
  /** Room the header needs at least, centred. */
  head: number;
}

export interface Spread {
  centres: number[];
  width: number;
  /** Whether everything has room in the width that was asked for. */
  fits: boolean;
}

/** Centres with equal gaps between what is drawn, at least `least` and at most `most`, centred in `width`; wider if need be. */
export function spread(extents: readonly Extent[], width: number, margin: number, least: number, most: number): Spread {
  const first = extents[0];
  const last = extents[extents.length - 1];
  if (!first || !last) return { centres: [], width, fits: true };
  const start = Math.max(first.left, first.head / 2);
  const end = Math.max(last.right, last.head / 2);
  const distances = (gap: number): number[] =>
    extents.slice(1).map((right, index) => {
      const left = extents[index]!;
      return Math.max(left.right + right.left + gap, (left.head + right.head) / 2 + 8);
    });
  const total = (gap: number): number => start + end + distances(gap).reduce((sum, distance) => sum + distance, 0);
  const room = width - 2 * margin;
  const needed = total(least);
  let gap = least;
  if (needed < room) {
    let low = least;
    let high = most;
    for (let round = 0; round < 24; round += 1) {
      const middle = (low + high) / 2;
      if (total(middle) <= room) low = middle;
      else high = middle;
    }
    gap = low;
  }
  const full = Math.max(width, needed + 2 * margin);
  let x = (full - total(gap)) / 2 + start;
  const centres = [x];
  for (const distance of distances(gap)) centres.push((x += distance));
  return { centres, width: full, fits: needed <= room };
}

/** Room of each header, so that neighbours share what is free between them. */
export function headerWidths(extents: readonly Extent[], centres: readonly number[], width: number): number[] {
  return extents.map((extent, index) => {
    const half = (other: number): number => {
      const neighbour = extents[other];
      if (!neighbour) return other < 0 ? centres[index]! - 4 : width - centres[index]! - 4;
      const distance = Math.abs(centres[other]! - centres[index]!);
      return extent.head / 2 + (distance - extent.head / 2 - neighbour.head / 2) / 2 - 3;
    };
    return 2 * Math.min(half(index - 1), half(index + 1));
  });
}
