// Which control suits a field of an entry: decided by the field's kind and bounds alone, so a new entry needs no line here.
import type { FieldDoc } from "../api/types.ts";
import { logStops, niceStep } from "../ui/scale.ts";

export type Control =
  | { kind: "slider"; minimum: number; maximum: number; step: number; stops: number[] | null; off: boolean }
  | { kind: "number"; minimum: number | null; maximum: number | null; integer: boolean; dice: boolean }
  | { kind: "switch" }
  | { kind: "select" }
  | { kind: "chips" }
  | { kind: "points" }
  | { kind: "entry" }
  /** Names, of which no bounds tell which there are: whoever shows the form offers those. */
  | { kind: "elsewhere" };

/** A range of more whole numbers than this is too fine for an even slider of two hundred pixels. */
const FINE = 300;
/** A whole number with a greatest value beyond this is a seed or the like: nobody slides to it. */
const HUGE = 1_000_000;

export function controlOf(field: FieldDoc): Control {
  switch (field.kind) {
    case "boolean":
      return { kind: "switch" };
    case "choice":
      return { kind: "select" };
    case "choices":
      return { kind: "chips" };
    case "points":
    case "entry":
      return { kind: field.kind };
    case "text":
    case "names":
      return { kind: "elsewhere" };
    case "integer":
    case "number":
      return numeric(field);
    default:
      return field.kind satisfies never;
  }
}

function numeric(field: FieldDoc): Control {
  const integer = field.kind === "integer";
  const { minimum, maximum } = field;
  if (minimum === null || maximum === null || maximum - minimum > HUGE) {
    return { kind: "number", minimum, maximum, integer, dice: integer && maximum !== null && maximum > HUGE };
  }
  const step = integer ? Math.max(1, Math.round(niceStep(minimum, maximum))) : niceStep(minimum, maximum);
  const stops = stopsOf(field, minimum, maximum, step);
  if (stops) {
    return {
      kind: "slider",
      // A bound that is excluded cannot be typed either.
      minimum: field.exclusive_minimum ? stops[0]! : minimum,
      maximum: field.exclusive_maximum ? stops.at(-1)! : maximum,
      step: integer ? 1 : 0,
      stops,
      off: minimum === 0 && !field.exclusive_minimum && (field.scale === "log" || field.default === 0),
    };
  }
  return {
    kind: "slider",
    minimum: field.exclusive_minimum ? exact(minimum + step) : minimum,
    maximum: field.exclusive_maximum ? exact(maximum - step) : maximum,
    step: integer && maximum - minimum <= 200 ? 1 : step,
    stops: null,
    off: false,
  };
}

// The values that a slider offers where even steps would not do; the field's own default is always among them. Null: even steps do.
function stopsOf(field: FieldDoc, minimum: number, maximum: number, step: number): number[] | null {
  const integer = field.kind === "integer";
  const usual = typeof field.default === "number" ? field.default : null;
  let stops: number[];
  if (field.exclusive_maximum && usual !== null && usual >= maximum - 10 * step) {
    stops = NEARLY_ONE.map((share) => exact(minimum + (maximum - minimum) * share));
  } else if (integer && maximum - minimum > FINE) {
    stops = maximum >= 64 && Number.isInteger(Math.log2(maximum)) ? sizes(maximum) : logStops(minimum, maximum);
  } else if (field.scale === "log" || (minimum >= 0 && !integer && (maximum - minimum >= 100 || (usual !== null && usual > 0 && usual < maximum / 50)))) {
    stops = logStops(minimum, maximum, field.scale === "log" ? 7 : 4);
  } else {
    return null;
  }
  return [...new Set([...stops, ...(usual === null ? [] : [usual])])]
    .filter((stop) => !integer || Number.isInteger(stop))
    .filter((stop) => (field.exclusive_minimum ? stop > minimum : stop >= minimum) && (field.exclusive_maximum ? stop < maximum : stop <= maximum))
    .sort((a, b) => a - b);
}

// For shares that do their work close to one, such as the memory of an optimizer.
const NEARLY_ONE = [0, 0.5, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.998, 0.999, 0.9995, 0.9999];

// Sizes that people give to layers and batches: every small one, then powers of two and the halves between.
function sizes(maximum: number): number[] {
  const small = [1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 16, 20, 24];
  const large: number[] = [];
  for (let size = 32; size <= maximum; size *= 2) large.push(size, (size * 3) / 2);
  return [...small, ...large].filter((size) => size <= maximum);
}

function exact(value: number): number {
  return Number(value.toPrecision(12));
}
