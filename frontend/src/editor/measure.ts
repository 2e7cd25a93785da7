// How wide a text is in the page's letters.

import type { Measure } from "./spread.ts";
import { estimate } from "./spread.ts";

/** Asks a canvas, which knows the real letters; where there is none (in tests) an estimate must do. */
export function measureIn(family: string): Measure {
  const context = document.createElement("canvas").getContext("2d");
  if (!context) return estimate;
  const known = new Map<string, number>();
  return (text, size, bold) => {
    const font = `${bold ? "650" : "400"} ${size}px ${family}`;
    const key = font + text;
    let width = known.get(key);
    if (width === undefined) {
      context.font = font;
      known.set(key, (width = context.measureText(text).width));
    }
    return width;
  };
}
