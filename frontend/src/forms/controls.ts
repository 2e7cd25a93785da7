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
  | { kind: "entry" };

/** A range of more values than this is too fine for an even slider of two hundred pixels. */
const FINE = 2000;
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
  const wide = field.scale === "log" || (minimum >= 0 && (integer ? maximum - minimum > FINE : maximum - minimum >= 100));
  const step = integer ? Math.max(1, Math.round(niceStep(minimum, maximum))) : niceStep(minimum, maximum);
  if (!wide) {
    return {
      kind: "slider",
      minimum: field.exclusive_minimum ? exact(minimum + step) : minimum,
      maximum: field.exclusive_maximum ? exact(maximum - step) : maximum,
      step: integer && maximum - minimum <= 200 ? 1 : step,
      stops: null,
      off: false,
    };
  }
  const stops = stopsOf(field, minimum, maximum, integer);
  return {
    kind: "slider",
    // A bound that is excluded cannot be typed either.
    minimum: field.exclusive_minimum ? stops[0]! : minimum,
    maximum: field.exclusive_maximum ? stops.at(-1)! : maximum,
    step: integer ? 1 : 0,
    stops,
    off: minimum === 0 && !field.exclusive_minimum,
  };
}

// The values that a wide slider offers; the field's own default is always among them.
function stopsOf(field: FieldDoc, minimum: number, maximum: number, integer: boolean): number[] {
  const powerOfTwo = integer && maximum >= 64 && Number.isInteger(Math.log2(maximum));
  const stops = new Set(powerOfTwo ? powersOfTwo(maximum) : logStops(minimum, maximum));
  if (typeof field.default === "number") stops.add(field.default);
  return [...stops]
    .filter((stop) => !integer || Number.isInteger(stop))
    .filter((stop) => (field.exclusive_minimum ? stop > minimum : stop >= minimum) && (field.exclusive_maximum ? stop < maximum : stop <= maximum))
    .sort((a, b) => a - b);
}

function powersOfTwo(maximum: number): number[] {
  return Array.from({ length: Math.log2(maximum) + 1 }, (_, power) => 2 ** power);
}

function exact(value: number): number {
  return Number(value.toPrecision(12));
}
