// The colour tables.
import { describe, expect, it } from "vitest";
import { classColour, classColours, colourOf, diverging, mix, palette, unpack, valueOf } from "./colours.ts";

describe("diverging", () => {
  it.each([false, true])("runs from orange over the neutral middle to blue (dark: %s)", (dark) => {
    const table = diverging(dark);
    const { negative, zero, positive, missing } = palette(dark);
    expect(table).toHaveLength(256);
    expect([0, 127, 254, 255].map((byte) => unpack(table[byte]!))).toEqual([negative, zero, positive, missing]);
  });

  it("uses exactly the colours of the theme", () => {
    expect(colourOf(-1, false)).toBe("rgb(224 123 46)");
    expect(colourOf(1, false)).toBe("rgb(47 111 214)");
    expect(colourOf(-1, true)).toBe("rgb(238 145 69)");
  });

  it("is opaque, and further from the middle is stronger", () => {
    const table = diverging(false);
    for (const colour of table) expect(colour >>> 24).toBe(255);
    const blue = (byte: number) => unpack(table[byte]!)[0];
    for (let byte = 128; byte < 254; byte++) expect(blue(byte + 1)).toBeLessThanOrEqual(blue(byte));
  });

  it("shows what is out of range at full strength and what is no number in grey", () => {
    expect(colourOf(7, false)).toBe(colourOf(1, false));
    expect(colourOf(Number.NaN, false)).toBe("rgb(185 183 176)");
  });
});

it("reads a byte back as a value", () => {
  expect([0, 127, 254, 255].map(valueOf)).toEqual([-1, 0, 1, null]);
});

it("mixes without leaving the ends", () => {
  expect(mix([224, 123, 46], [47, 111, 214], 0)).toEqual([224, 123, 46]);
  expect(mix([224, 123, 46], [47, 111, 214], 1)).toEqual([47, 111, 214]);
});

describe("class colours", () => {
  it("begin with the orange and the blue of the surfaces", () => {
    expect(classColour(0)).toBe(colourOf(-1, false));
    expect(classColour(1)).toBe(colourOf(1, false));
    expect(classColour(1, true)).toBe(colourOf(1, true));
  });

  it("are ten different ones, then come again", () => {
    expect(new Set(classColours(10).map(String)).size).toBe(10);
    expect(classColour(10)).toBe(classColour(0));
  });
});
