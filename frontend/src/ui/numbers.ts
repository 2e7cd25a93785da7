// Numbers as people write and read them.

const MINUS = "−";

/** A number in at most `digits` significant digits, with a true minus sign; very small and very large ones with a power of ten. */
export function formatNumber(value: number, digits = 4): string {
  if (!Number.isFinite(value)) return "–";
  if (value === 0) return "0";
  const size = Math.abs(value);
  const text = size < 1e-4 || size >= 1e7 ? shortPower(size, digits) : trimmed(size, digits);
  return value < 0 ? MINUS + text : text;
}

function trimmed(size: number, digits: number): string {
  if (Number.isInteger(size)) return String(size);
  return String(Number(size.toPrecision(digits)));
}

function shortPower(size: number, digits: number): string {
  const [mantissa, power] = size.toExponential(digits - 1).split("e") as [string, string];
  return `${Number(mantissa)}e${power.replace("+", "").replace("-", MINUS)}`;
}

/** A number with a fixed count of decimals, so that columns and live readouts stand still; a dash for what is not a number. */
export function formatFixed(value: number | null | undefined, decimals: number): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return "–";
  const text = Math.abs(value).toFixed(decimals);
  return value < 0 && Number(text) !== 0 ? MINUS + text : text;
}

/** How many decimals it takes to write these numbers in four significant digits, at most three. */
export function decimalsOf(values: readonly (number | null)[]): number {
  const decimals = values.map((value) => (value === null || !Number.isFinite(value) ? 0 : (String(Number(value.toPrecision(4))).split(".")[1]?.length ?? 0)));
  return Math.min(3, Math.max(0, ...decimals));
}

/** Reads what a person typed: comma or point, true or plain minus, a trailing percent sign; null when it is no number. */
export function parseNumber(text: string): number | null {
  const plain = text.trim().replace(/[−–]/g, "-").replace(",", ".").replace(/\s/g, "");
  const percent = plain.endsWith("%");
  const digits = percent ? plain.slice(0, -1) : plain;
  if (digits === "" || !/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(digits)) return null;
  return percent ? Number(digits) / 100 : Number(digits);
}
