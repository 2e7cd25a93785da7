// The axes of a chart: round numbers to mark, what they are called, and which of their labels have room.

/** A mark on an axis. */
export interface Tick {
  value: number;
  label: string;
}

/** How wide a text is, in CSS pixels. */
export type Measure = (text: string) => number;

const MINUS = "−";

/** Round numbers between two bounds, at most `most` of them: 1, 2 or 5 times a power of ten apart, and never closer than `least`. */
export function linearTicks(low: number, high: number, most: number, least = 0): Tick[] {
  const step = Math.max(roundStep((high - low) / Math.max(1, most)), least);
  if (!(step > 0) || !Number.isFinite(step)) return [];
  for (let wider = step; ; wider = roundStep(wider * 1.01)) {
    const [first, last] = [Math.ceil(low / wider - 1e-9), Math.floor(high / wider + 1e-9)];
    // Bounds so close together, for their size, need more digits than anybody reads.
    if (!(Math.max(Math.abs(first), Math.abs(last)) < 1e6)) return [];
    if (last - first + 1 > Math.max(1, most)) continue;
    return Array.from({ length: Math.max(0, last - first + 1) }, (_, place) => {
      const value = round((first + place) * wider, wider);
      return { value, label: label(value, wider) };
    });
  }
}

/** Round numbers for a logarithmic axis: powers of ten, with 2 and 5 times them where there is room, or plain round numbers within one decade. */
export function logarithmicTicks(low: number, high: number, most: number): Tick[] {
  if (!(low > 0) || !(high > low)) return [];
  const [first, last] = [Math.floor(Math.log10(low)), Math.ceil(Math.log10(high))];
  for (const [factors, every] of [[[1, 2, 5], 1] as const, [[1, 3], 1] as const, ...[1, 2, 3, 5, 10, 20, 50, 100].map((each) => [[1], each] as const)]) {
    const values: number[] = [];
    for (let power = Math.ceil(first / every) * every; power <= last; power += every) {
      for (const factor of factors) values.push(Number(`${factor}e${power}`));
    }
    const seen = values.filter((value) => value >= low * (1 - 1e-9) && value <= high * (1 + 1e-9));
    if (seen.length > most) continue;
    // Few decades: their powers are too few to read by.
    if (seen.length < 2) break;
    return seen.map((value) => ({ value, label: label(value, value) }));
  }
  return linearTicks(low, high, most).filter((tick) => tick.value > 0);
}

/** The next 1, 2 or 5 times a power of ten that is not less. */
export function roundStep(step: number): number {
  if (!(step > 0) || !Number.isFinite(step)) return 0;
  const power = Math.floor(Math.log10(step) + 1e-9);
  for (const factor of [1, 2, 5]) {
    const round = Number(`${factor}e${power}`);
    if (round >= step * (1 - 1e-9)) return round;
  }
  return Number(`1e${power + 1}`);
}

function round(value: number, step: number): number {
  const decimals = -Math.floor(Math.log10(step) + 1e-9);
  return decimals > 0 && decimals <= 100 ? Number(value.toFixed(decimals)) : Math.round(value / step) * step;
}

/** A mark as text, with as many decimals as its step has; very large and very small ones with a power of ten. */
export function label(value: number, step: number): string {
  if (value === 0) return "0";
  const size = Math.abs(value);
  const sign = value < 0 ? MINUS : "";
  const decimals = -Math.floor(Math.log10(step) + 1e-9);
  if (size < 1e5 && decimals <= 4) return sign + size.toFixed(Math.max(0, decimals));
  const digits = Math.floor(Math.log10(size) + 1e-9) + decimals;
  const [mantissa, power] = size.toExponential(Math.max(0, Math.min(6, digits))).split("e") as [string, string];
  return `${sign}${Number(mantissa)}e${power.replace("+", "").replace("-", MINUS)}`;
}

/** A count of epochs as short text. */
export function shortCount(value: number, step: number): string {
  const thousands = value >= 10_000 ? [1e9, 1e6, 1e3].find((each) => value >= each)! : 1;
  const suffix = { 1: "", 1e3: "k", 1e6: "M", 1e9: "G" }[thousands] ?? "";
  return label(value / thousands, thousands === 1 ? step : Math.min(1, step / thousands)) + suffix;
}

/** A label of the horizontal axis where it is drawn: `left` is its own left edge. */
export interface PlacedLabel extends Tick {
  left: number;
  width: number;
}

/** Labels of the horizontal axis: as many round epochs as have room, none cut off at `room` and none touching another. */
export function epochLabels(epochs: number, left: number, width: number, room: number, first: string, measure: Measure): PlacedLabel[] {
  const GAP = 12;
  const head: PlacedLabel = { value: 0, label: first, width: measure(first), left: 0 };
  head.left = Math.max(0, left - head.width / 2);
  for (let most = Math.max(1, Math.floor(width / 44) + 1); most > 1; most--) {
    const ticks = linearTicks(0, epochs, most);
    const step = (ticks[1]?.value ?? epochs) - (ticks[0]?.value ?? 0);
    const labels = ticks.slice(1).map(({ value }): PlacedLabel => {
      const text = shortCount(value, step);
      const wide = measure(text);
      return { value, label: text, width: wide, left: Math.min(left + (value / epochs) * width - wide / 2, room - wide) };
    });
    // Beside the wide first label there may be no room for the second: it alone is left out.
    const kept = labels.filter((each) => each.left >= head.left + head.width + GAP);
    const apart = kept.every((each, place) => place === 0 || each.left >= kept[place - 1]!.left + kept[place - 1]!.width + GAP);
    if (apart && (kept.length === labels.length || (kept.length >= 2 && kept.length === labels.length - 1) || most === 2)) return [head, ...kept];
  }
  return [head];
}
