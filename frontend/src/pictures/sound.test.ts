// Sound on its way to the server: what is worth sending, as a WAV file, as text.
import { expect, test } from "vitest";
import { audible, base64, RATE, SECONDS, Unheard, wav } from "./sound.ts";

const tone = (seconds: number, level: number) => Float32Array.from({ length: seconds * RATE }, (_, place) => level * Math.sin(place / 8));
const fault = (samples: Float32Array): string | null => {
  try {
    audible(samples);
    return null;
  } catch (error) {
    return error instanceof Unheard ? error.fault : "another error";
  }
};

test("silence and clicks are not sent", () => {
  expect(fault(new Float32Array(RATE))).toBe("silent");
  expect(fault(tone(1, 0.005))).toBe("silent");
  expect(fault(tone(0.1, 0.5))).toBe("short");
  expect(fault(new Float32Array(0))).toBe("short");
  expect(fault(tone(1, 0.5))).toBeNull();
});

test("of a long recording the seconds around its loudest moment are kept", () => {
  const long = new Float32Array(10 * RATE);
  long.set(tone(0.5, 0.9), 7 * RATE);
  const kept = audible(long);
  expect(kept.length).toBe(SECONDS * RATE);
  expect(Math.max(...kept)).toBeGreaterThan(0.8);
});

test("a WAV file says how it is to be read", () => {
  const bytes = new DataView(wav(Float32Array.of(0, 1, -2, 0.5), RATE).buffer);
  const text = (at: number) => String.fromCharCode(...[0, 1, 2, 3].map((place) => bytes.getUint8(at + place)));
  expect([text(0), text(8), text(12), text(36)]).toEqual(["RIFF", "WAVE", "fmt ", "data"]);
  expect([bytes.getUint32(4, true), bytes.getUint32(24, true), bytes.getUint32(40, true), bytes.byteLength]).toEqual([44, RATE, 8, 52]);
  // What is too loud is cut off, not turned round.
  expect([44, 46, 48, 50].map((at) => bytes.getInt16(at, true))).toEqual([0, 32767, -32767, 16384]);
});

test("bytes become text in the alphabet that the server reads", () => {
  expect(base64(Uint8Array.of(251, 255, 254))).toBe("-__-");
  expect(base64(new Uint8Array(20_000)).length).toBe(4 * Math.ceil(20_000 / 3));
});
