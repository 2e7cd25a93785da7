// Where everything stands in the curves' chart: the area of the curves, the numbers at its axes, and the height of a value.
import { epochLabels, linearTicks, logarithmicTicks, type Measure, type PlacedLabel, type Tick } from "./axes.ts";

/** What the axes show. */
export interface Scales {
  bounds: [number, number];
  logarithmic: boolean;
  epochs: number;
}

/** Where the curves are drawn, in CSS pixels within the chart. */
export interface ChartArea {
  left: number;
  top: number;
  width: number;
  height: number;
}

export interface Layout {
  area: ChartArea;
  across: readonly PlacedLabel[];
  down: readonly Tick[];
}

export const SANS = 'system-ui, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "WenQuanYi Micro Hei", sans-serif';
export const FONT = `11px ${SANS}`;
const [TOP, RIGHT, BOTTOM] = [14, 14, 22];

/** Where everything stands in a chart of this size, so that no label is cut off. `firstTick` says what is counted. */
export function layout(
  state: Scales,
  size: { width: number; height: number },
  percent: boolean,
  firstTick: string,
): Layout {
  const [low, high] = state.bounds;
  const height = Math.max(1, size.height - TOP - BOTTOM);
  const ticks = state.logarithmic
    ? logarithmicTicks(low, high, Math.max(2, Math.floor(height / 18) + 1))
    : linearTicks(low, high, Math.max(2, Math.floor(height / 22) + 1));
  const down = percent ? ticks.map((tick) => ({ ...tick, label: `${tick.label} %` })) : ticks;
  // In leaps, so that the curves do not tremble sideways while a run's numbers change.
  const widest = Math.max(0, ...down.map((tick) => measure(tick.label)));
  const left = Math.max(percent ? 46 : 38, 6 * Math.ceil((widest + 9) / 6));
  const area = { left, top: TOP, width: Math.max(1, size.width - left - RIGHT), height };
  return { area, down, across: epochLabels(state.epochs, left, area.width, size.width, firstTick, measure) };
}

let ruler: CanvasRenderingContext2D | null | undefined;
const widths = new Map<string, number>();

// Asks a canvas, which knows the real letters; where there is none (in tests) an estimate must do.
const measure: Measure = (text) => {
  ruler ??= document.createElement("canvas").getContext("2d");
  if (!ruler) return text.length * 6.2;
  let width = widths.get(text);
  if (width === undefined) {
    if (widths.size > 2000) widths.clear();
    ruler.font = FONT;
    widths.set(text, (width = ruler.measureText(text).width));
  }
  return width;
};

/** How far down a value stands, in CSS pixels; outside the area where it is beyond the bounds. */
export function downOf(value: number, { bounds: [low, high], logarithmic }: Pick<Scales, "bounds" | "logarithmic">, area: ChartArea): number {
  // Nothing lies below a logarithmic axis's foot, not even zero.
  const share = logarithmic ? Math.log(Math.max(value, low) / low) / Math.log(high / low) : (value - low) / (high - low);
  // Far away is far enough: a canvas takes no coordinates without limits.
  return area.top + area.height * (1 - Math.max(-9, Math.min(9, share)));
}
