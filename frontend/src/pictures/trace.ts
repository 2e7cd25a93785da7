// A curve's points kept for drawing: whole while they are few, merged into equal stretches once they are many, so that no spike hides.

/** Stretches that a curve keeps at most: more than the columns of any screen. */
const MOST = 8192;
const FIELDS = ["x", "first", "last", "low", "high", "sum", "weight", "gaps"] as const;
type Fields = Record<(typeof FIELDS)[number], Float64Array>;

/** Points in the order of x, each alone or merged with its neighbours: first, last, least, greatest and sum of each stretch.
 * A value that is no number is a gap: it breaks the curve but does not hide the values beside it. */
export class Trace {
  /** Stretches kept; the fields are longer. `x` is that of a stretch's last point, `weight` counts the values and `gaps` what is none. */
  length = 0;
  fields: Fields = allocate(64);
  /** What was ever appended, and the least value that a logarithmic axis can show. */
  least = Infinity;
  greatest = -Infinity;
  leastPositive = Infinity;
  /** Width of a stretch in x; zero while every point stands alone. */
  width = 0;

  /** Adds a point, which may itself be the mean of a stretch with its least and greatest value. */
  append(x: number, value: number | null | undefined, low = value, high = value): void {
    if (this.length === MOST) this.#thin(x);
    const known = finite(value);
    const [floor, ceiling] = [finite(low) ? low : value, finite(high) ? high : value];
    if (known) {
      this.least = Math.min(this.least, floor!);
      this.greatest = Math.max(this.greatest, ceiling!);
      const positive = floor! > 0 ? floor! : value;
      if (positive > 0) this.leastPositive = Math.min(this.leastPositive, positive);
    }
    const at = this.length;
    if (at === this.fields.x.length) this.#grow();
    put(this.fields, at, x, known ? value : Number.NaN, known ? floor! : Infinity, known ? ceiling! : -Infinity);
    if (at > 0 && this.width > 0 && Math.floor(x / this.width) === Math.floor(this.fields.x[at - 1]! / this.width)) join(this.fields, at - 1, at);
    else this.length = at + 1;
  }

  /** Merges into stretches of this width in x, which begin at zero: into `target`, which is given back. */
  folded(width: number, target: Trace): Trace {
    if (target.fields.x.length < this.length) target.fields = allocate(this.fields.x.length);
    target.length = merge(this.fields, this.length, width, target.fields);
    return target;
  }

  clear(): void {
    [this.length, this.width, this.least, this.greatest, this.leastPositive] = [0, 0, Infinity, -Infinity, Infinity];
  }

  #grow(): void {
    const larger = allocate(Math.min(MOST, 2 * this.length));
    for (const field of FIELDS) larger[field].set(this.fields[field]);
    this.fields = larger;
  }

  // Doubling until a quarter is free keeps the cost of one point constant in the long run.
  #thin(end: number): void {
    if (this.width === 0) this.width = 2 ** Math.ceil(Math.log2((end - this.fields.x[0]!) / MOST || 1));
    else this.width *= 2;
    while ((this.length = merge(this.fields, this.length, this.width, this.fields)) > MOST * 0.75) this.width *= 2;
  }
}

function allocate(length: number): Fields {
  return Object.fromEntries(FIELDS.map((field) => [field, new Float64Array(length)])) as Fields;
}

function finite(value: number | null | undefined): value is number {
  return Number.isFinite(value);
}

function put(fields: Fields, at: number, x: number, value: number, low: number, high: number): void {
  const gap = Number.isNaN(value);
  fields.x[at] = x;
  fields.first[at] = fields.last[at] = value;
  fields.low[at] = low;
  fields.high[at] = high;
  fields.sum[at] = gap ? 0 : value;
  fields.weight[at] = gap ? 0 : 1;
  fields.gaps[at] = gap ? 1 : 0;
}

/** Takes a stretch into the one before it. */
function join(into: Fields, at: number, next: number): void {
  into.x[at] = into.x[next]!;
  if (into.weight[at] === 0) into.first[at] = into.first[next]!;
  if (into.weight[next]! > 0) into.last[at] = into.last[next]!;
  into.low[at] = Math.min(into.low[at]!, into.low[next]!);
  into.high[at] = Math.max(into.high[at]!, into.high[next]!);
  into.sum[at]! += into.sum[next]!;
  into.weight[at]! += into.weight[next]!;
  into.gaps[at]! += into.gaps[next]!;
}

// Copies stretch by stretch, each first behind the end, where it either stays or is taken in; may be done in place.
function merge(from: Fields, length: number, width: number, into: Fields): number {
  const copies = FIELDS.map((field) => [from[field], into[field]] as const);
  let end = 0;
  let key = Number.NaN;
  for (let place = 0; place < length; place++) {
    const next = Math.floor(from.x[place]! / width);
    if (from !== into || end !== place) for (const [source, target] of copies) target[end] = source[place]!;
    if (next === key) join(into, end - 1, end);
    else end += 1;
    key = next;
  }
  return end;
}

/** Whether a column is the earlier one with nothing changed but its end: the same array, or a longer view of the same memory. */
export function continues(before: ArrayLike<unknown>, after: ArrayLike<unknown>): boolean {
  if (before === after) return true;
  if (!ArrayBuffer.isView(before) || !ArrayBuffer.isView(after)) return false;
  return before.buffer === after.buffer && before.byteOffset === after.byteOffset && before.byteLength <= after.byteLength;
}
