// Where on a slider's track a value stands, and which values the track offers.

export interface Scale {
  /** Length of the track in its own units. */
  length: number;
  /** Smallest move along the track. */
  step: number;
  /** Place of a value on the track, 0 to length; values beyond the ends stand at the ends. */
  place(value: number): number;
  /** The value that a place stands for. */
  value(place: number): number;
}

/** An even scale from `minimum` to `maximum` in steps. */
export function linear(minimum: number, maximum: number, step = niceStep(minimum, maximum)): Scale {
  const length = Math.max(0, maximum - minimum);
  return {
    length,
    step,
    place: (value) => clamp(value - minimum, 0, length),
    value: (place) => clamp(exact(minimum + Math.round(place / step) * step), minimum, maximum),
  };
}

/** A scale that offers the given rising values, evenly spaced; a value between two stands between them. */
export function stepped(stops: readonly number[]): Scale {
  const last = stops.length - 1;
  return {
    length: last,
    step: 1,
    place(value) {
      if (value <= stops[0]!) return 0;
      if (value >= stops[last]!) return last;
      const above = stops.findIndex((stop) => stop >= value);
      const [low, high] = [stops[above - 1]!, stops[above]!];
      const share = low > 0 ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low);
      return above - 1 + share;
    },
    value: (place) => stops[clamp(Math.round(place), 0, last)]!,
  };
}

const MANTISSAS = [1, 2, 3, 5];

/** 1, 2, 3 and 5 times powers of ten from `minimum` to `maximum`, the ends included. A minimum of 0 is kept as a stop of its
 * own ("off") and the powers then begin `decades` below the maximum. */
export function logStops(minimum: number, maximum: number, decades = 7): number[] {
  const zero = minimum <= 0;
  const least = zero ? maximum / 10 ** decades : minimum;
  const stops = zero ? [0] : [minimum];
  for (let power = Math.floor(Math.log10(least)); power <= Math.ceil(Math.log10(maximum)); power++) {
    for (const mantissa of MANTISSAS) {
      const stop = Number(`${mantissa}e${power}`);
      if (stop >= least * (1 - 1e-9) && stop > stops.at(-1)! && stop < maximum) stops.push(stop);
    }
  }
  stops.push(maximum);
  return stops;
}

/** A step of 1, 2 or 5 times a power of ten that cuts the range into about a hundred. */
export function niceStep(minimum: number, maximum: number): number {
  const rough = (maximum - minimum) / 100;
  if (!(rough > 0)) return 1;
  const power = Math.floor(Math.log10(rough) + 1e-9);
  const mantissa = rough / 10 ** power;
  const nice = mantissa < 1.5 ? 1 : mantissa < 3.5 ? 2 : mantissa < 7.5 ? 5 : 10;
  return Number(`${nice}e${power}`);
}

export function clamp(value: number, minimum: number, maximum: number): number {
  return Math.min(maximum, Math.max(minimum, value));
}

// Takes away the crumbs of binary fractions: 0.1 + 0.2 is 0.3 here.
function exact(value: number): number {
  return Number(value.toPrecision(12));
}
