// The colour grammar of every picture: orange for negative, blue for positive, paper between; Okabe-Ito colours for classes.

export type Rgb = readonly [number, number, number];

interface Palette {
  negative: Rgb;
  zero: Rgb;
  positive: Rgb;
  missing: Rgb;
  paper: Rgb;
  ink: Rgb;
}

// The same colours as in theme.css: a canvas has to know them as numbers.
const LIGHT: Palette = {
  negative: [0xe0, 0x7b, 0x2e],
  zero: [0xff, 0xff, 0xff],
  positive: [0x2f, 0x6f, 0xd6],
  missing: [0xb9, 0xb7, 0xb0],
  paper: [0xff, 0xfe, 0xfb],
  ink: [0x1d, 0x23, 0x2b],
};
const DARK: Palette = {
  negative: [0xee, 0x91, 0x45],
  zero: [0x2c, 0x2a, 0x27],
  positive: [0x5b, 0x92, 0xea],
  missing: [0x6b, 0x68, 0x60],
  paper: [0x23, 0x22, 0x20],
  ink: [0xec, 0xe9, 0xe1],
};

export function palette(dark: boolean): Palette {
  return dark ? DARK : LIGHT;
}

/** Byte of a cell that is not a number. */
export const MISSING = 255;
const ZERO = 127;

/** The value that a cell's byte stands for, -1 to +1 (times the plane's scale); null for "not a number". */
export function valueOf(byte: number): number | null {
  return byte === MISSING ? null : (byte - ZERO) / ZERO;
}

/** 256 colours, one a byte, packed as a canvas keeps them (RGBA, little-endian). */
export function diverging(dark: boolean): Uint32Array {
  return dark ? (darkRamp ??= ramp(DARK)) : (lightRamp ??= ramp(LIGHT));
}

let lightRamp: Uint32Array | undefined;
let darkRamp: Uint32Array | undefined;

function ramp(colours: Palette): Uint32Array {
  const table = new Uint32Array(256);
  for (let byte = 0; byte < MISSING; byte++) {
    const value = (byte - ZERO) / ZERO;
    table[byte] = pack(mix(colours.zero, value < 0 ? colours.negative : colours.positive, Math.abs(value)));
  }
  table[MISSING] = pack(colours.missing);
  return table;
}

export function pack([red, green, blue]: Rgb): number {
  return ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0;
}

export function unpack(colour: number): Rgb {
  return [colour & 255, (colour >> 8) & 255, (colour >> 16) & 255];
}

/** The colour of a value between -1 and +1 as CSS text. */
export function colourOf(value: number, dark: boolean): string {
  const byte = Number.isFinite(value) ? Math.round(ZERO + ZERO * Math.max(-1, Math.min(1, value))) : MISSING;
  return css(unpack(diverging(dark)[byte]!));
}

export function css([red, green, blue]: Rgb, alpha = 1): string {
  return alpha === 1 ? `rgb(${red} ${green} ${blue})` : `rgb(${red} ${green} ${blue} / ${alpha})`;
}

/** A step from one colour to another that looks even to the eye (OKLab). */
export function mix(from: Rgb, to: Rgb, share: number): Rgb {
  const a = toLab(from);
  const b = toLab(to);
  return fromLab([a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share, a[2] + (b[2] - a[2]) * share]);
}

// ---- classes --------------------------------------------------------------------------------------------------------

// Okabe and Ito's set, which stays apart for colour-blind eyes; its first two are our orange and blue, and its yellow is
// deepened so that it can be seen on paper.
const CLASSES_LIGHT: readonly Rgb[] = [
  [0xe0, 0x7b, 0x2e],
  [0x2f, 0x6f, 0xd6],
  [0x00, 0x9e, 0x73],
  [0xcc, 0x79, 0xa7],
  [0xd9, 0xb9, 0x10],
  [0x56, 0xb4, 0xe9],
  [0xa8, 0x3c, 0x0c],
  [0x6f, 0x72, 0x78],
  [0x7b, 0x5e, 0xa7],
  [0x8a, 0x6a, 0x3c],
];
const CLASSES_DARK: readonly Rgb[] = [
  [0xee, 0x91, 0x45],
  [0x5b, 0x92, 0xea],
  [0x2f, 0xb8, 0x8d],
  [0xdb, 0x8f, 0xba],
  [0xe6, 0xcf, 0x45],
  [0x7c, 0xc8, 0xf2],
  [0xc9, 0x5f, 0x2e],
  [0x9a, 0x9c, 0xa0],
  [0x9c, 0x82, 0xc8],
  [0xb0, 0x8f, 0x5e],
];

/** The colour of class `index`; after ten classes the colours come again. */
export function classRgb(index: number, dark = false): Rgb {
  const classes = dark ? CLASSES_DARK : CLASSES_LIGHT;
  return classes[((index % classes.length) + classes.length) % classes.length]!;
}

export function classColour(index: number, dark = false): string {
  return css(classRgb(index, dark));
}

/** The colours of `count` classes, in order. */
export function classColours(count: number, dark = false): Rgb[] {
  return Array.from({ length: count }, (_, index) => classRgb(index, dark));
}

// ---- OKLab (Björn Ottosson, 2020) -----------------------------------------------------------------------------------

type Lab = readonly [number, number, number];

function toLab([red, green, blue]: Rgb): Lab {
  const r = toLinear(red);
  const g = toLinear(green);
  const b = toLinear(blue);
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
}

function fromLab([lightness, a, b]: Lab): Rgb {
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    toByte(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
    toByte(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
    toByte(-0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s),
  ];
}

function toLinear(byte: number): number {
  const value = byte / 255;
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
}

function toByte(linear: number): number {
  const value = linear <= 0.0031308 ? 12.92 * linear : 1.055 * Math.max(linear, 0) ** (1 / 2.4) - 0.055;
  return Math.round(255 * Math.max(0, Math.min(1, value)));
}
