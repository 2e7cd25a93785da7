// The numbers behind the curves: columns by epoch, thinned for the eye without hiding a spike, and read back for a moment.
import type { Evaluated, Metrics } from "../api/types.ts";
import type { Metric } from "./words.ts";

/** What the curves need of an evaluation. */
export type Evaluation = Pick<Evaluated, "step" | "epoch" | "training" | "validation">;

type Column = (number | null)[];

export interface Columns {
  step: number[];
  epoch: number[];
  training: Column;
  validation: Column;
}

/** One metric of every evaluation; accuracy in percent. */
export function toColumns(evaluations: readonly Evaluation[], metric: Metric): Columns {
  return {
    step: evaluations.map((each) => each.step),
    epoch: evaluations.map((each) => each.epoch),
    training: evaluations.map((each) => read(each.training, metric)),
    validation: evaluations.map((each) => read(each.validation, metric)),
  };
}

function read(metrics: Metrics, metric: Metric): number | null {
  const value = metrics[metric];
  if (value === null || value === undefined || !Number.isFinite(value)) return null;
  return metric === "accuracy" ? value * 100 : value;
}

/** Steps in an epoch, from the last evaluation that has both; null before the first epoch is under way. */
export function stepsPerEpoch(evaluations: readonly Evaluation[]): number | null {
  const last = evaluations.at(-1);
  return last && last.epoch > 0 && last.step > 0 ? last.step / last.epoch : null;
}

/** Stretches to thin curves to: enough for a wide screen, more would only be drawn over each other. */
export const BUCKETS = 400;

/** Places to draw of long columns: in each of `buckets` stretches the first, the last, the least and the greatest of every
 * column, and the first gap. Short columns are kept whole. */
export function thinned(columns: readonly ArrayLike<number | null>[], buckets: number): number[] {
  const length = columns[0]?.length ?? 0;
  const most = buckets * (2 + 2 * columns.length);
  if (length <= most) return Array.from({ length }, (_, place) => place);
  const kept: number[] = [];
  for (let bucket = 0; bucket < buckets; bucket++) {
    const start = Math.floor((bucket * length) / buckets);
    const end = Math.floor(((bucket + 1) * length) / buckets);
    const places = new Set([start, end - 1]);
    for (const column of columns) {
      let least = -1;
      let greatest = -1;
      let gap = -1;
      for (let place = start; place < end; place++) {
        const value = column[place];
        if (value === null || value === undefined) {
          if (gap < 0) gap = place;
          continue;
        }
        if (least < 0 || value < column[least]!) least = place;
        if (greatest < 0 || value > column[greatest]!) greatest = place;
      }
      for (const place of [least, greatest, gap]) if (place >= 0) places.add(place);
    }
    kept.push(...[...places].sort((a, b) => a - b));
  }
  return kept;
}

/** Some of the places of columns. */
export function pick(columns: Columns, places: readonly number[]): Columns {
  return {
    step: places.map((place) => columns.step[place]!),
    epoch: places.map((place) => columns.epoch[place]!),
    training: places.map((place) => columns.training[place] ?? null),
    validation: places.map((place) => columns.validation[place] ?? null),
  };
}

/** Loss of single steps; for thinned ones `loss` is a mean, and `low` and `high` are the least and greatest. */
export interface StepLosses {
  step: ArrayLike<number>;
  loss: ArrayLike<number | null>;
  low?: ArrayLike<number | null>;
  high?: ArrayLike<number | null>;
}

export interface Band {
  step: number[];
  mean: Column;
  low: Column;
  high: Column;
}

/** The losses of steps in at most `buckets` stretches: mean, least and greatest of each. A gap anywhere in a stretch makes it a gap. */
export function banded(losses: StepLosses, buckets: number): Band {
  const length = losses.step.length;
  const count = Math.min(buckets, length);
  const { loss, low = loss, high = loss } = losses;
  const band: Band = { step: [], mean: [], low: [], high: [] };
  for (let bucket = 0; bucket < count; bucket++) {
    const start = Math.floor((bucket * length) / count);
    const end = Math.floor(((bucket + 1) * length) / count);
    let [sum, least, greatest] = [0, Infinity, -Infinity];
    for (let place = start; place < end; place++) {
      sum += loss[place] ?? Number.NaN;
      least = Math.min(least, low[place] ?? Number.NaN);
      greatest = Math.max(greatest, high[place] ?? Number.NaN);
    }
    band.step.push(losses.step[end - 1]!);
    band.mean.push(known(sum / (end - start)));
    band.low.push(known(least));
    band.high.push(known(greatest));
  }
  return band;
}

function known(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

/** Place of the value nearest to `wanted` in a rising column; -1 in an empty one. */
export function nearest(rising: ArrayLike<number>, wanted: number): number {
  let low = 0;
  let high = rising.length - 1;
  if (high < 0) return -1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (rising[middle]! < wanted) low = middle + 1;
    else high = middle;
  }
  return low > 0 && wanted - rising[low - 1]! <= rising[low]! - wanted ? low - 1 : low;
}

/** Range of the vertical axis for what is drawn. */
export function bounds(metric: Metric, columns: readonly Column[], logarithmic: boolean): [number, number] {
  let low = Infinity;
  let high = -Infinity;
  for (const column of columns) {
    for (const value of column) {
      if (value === null || (logarithmic && value <= 0)) continue;
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
  }
  if (low > high) return metric === "accuracy" ? [0, 100] : logarithmic ? [0.1, 1] : [0, 1];
  if (logarithmic) return [low / 1.25, high * 1.25];
  if (metric === "accuracy") return [Math.max(0, Math.min(Math.floor((low - 2) / 10) * 10, 90)), 100];
  // R² of a network that has learned nothing may be anything: below -1 the curve may leave the picture.
  if (metric === "r2") return [Math.max(-1, Math.min(0, low - 0.05)), 1];
  return [0, high * 1.06 || 1];
}

/** A column's value at an epoch, from the evaluation nearest to it; null before the first and after the last. */
export function valueAt(columns: Columns, which: "training" | "validation", epoch: number): number | null {
  const [first, last] = [columns.epoch[0], columns.epoch.at(-1)];
  if (first === undefined || last === undefined || epoch < first - 0.5 || epoch > last + 0.5) return null;
  return columns[which][nearest(columns.epoch, epoch)] ?? null;
}

/** At most `most` rows for a table to read: evenly chosen, first and last always among them. */
export function tableRows<Row>(rows: readonly Row[], most: number): Row[] {
  if (rows.length <= most) return [...rows];
  return Array.from({ length: most }, (_, place) => rows[Math.round((place * (rows.length - 1)) / (most - 1))]!);
}

/** An epoch as short text: whole numbers bare, the rest with as many decimals as it takes. */
export function formatEpoch(epoch: number): string {
  return Number.isInteger(epoch) ? String(epoch) : epoch < 10 ? epoch.toFixed(2) : epoch.toFixed(1);
}
