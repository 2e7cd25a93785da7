// Sliders: where values stand, and what the keyboard and typing do.
import { fireEvent, render, screen } from "@testing-library/svelte";
import { describe, expect, it } from "vitest";
import { decimalsOf, formatFixed, formatNumber, parseNumber } from "./numbers.ts";
import { aside, beside } from "./placement.ts";
import { linear, logStops, niceStep, stepped } from "./scale.ts";
import Slider from "./Slider.svelte";

describe("logarithmic stops", () => {
  it("are 1, 2, 3 and 5 times powers of ten, ends included", () => {
    expect(logStops(0.001, 0.1)).toEqual([0.001, 0.002, 0.003, 0.005, 0.01, 0.02, 0.03, 0.05, 0.1]);
    expect(logStops(0.0004, 0.004)).toEqual([0.0004, 0.0005, 0.001, 0.002, 0.003, 0.004]);
  });

  it("keep zero as a stop of its own", () => {
    expect(logStops(0, 10, 2)).toEqual([0, 0.1, 0.2, 0.3, 0.5, 1, 2, 3, 5, 10]);
  });
});

describe("stepped scale", () => {
  const scale = stepped([0, 0.01, 0.1, 1]);

  it("gives back each stop from its own place", () => {
    for (const stop of [0, 0.01, 0.1, 1]) expect(scale.value(scale.place(stop))).toBe(stop);
  });

  it("puts a value between two stops between them, by ratio", () => {
    expect(scale.place(0.0316227766)).toBeCloseTo(1.5);
    expect(scale.place(0.005)).toBeCloseTo(0.5);
    expect([scale.place(-3), scale.place(99)]).toEqual([0, 3]);
  });
});

it("an even scale leaves no crumbs of binary fractions", () => {
  const scale = linear(0, 1, 0.1);
  expect(scale.value(0.3)).toBe(0.3);
  expect(linear(0.1, 0.9, 0.1).value(0.2)).toBe(0.3);
  expect([niceStep(0, 0.5), niceStep(10, 5000), niceStep(0, 1), niceStep(3, 3)]).toEqual([0.005, 50, 0.01, 1]);
});

describe("numbers", () => {
  it("are written as people write them", () => {
    expect([0, 0.03, -2.5, 5000, 0.000012, 1 / 3, Number.NaN].map((value) => formatNumber(value))).toEqual(["0", "0.03", "−2.5", "5000", "1.2e−5", "0.3333", "–"]);
    expect([formatFixed(-0.0001, 2), formatFixed(null, 2), formatFixed(1.005, 1)]).toEqual(["0.00", "–", "1.0"]);
  });

  it("in a column share their decimals", () => {
    expect([[6, 6.1, null], [1, 2], [0.12345], [1234.5678]].map(decimalsOf)).toEqual([1, 0, 3, 0]);
  });

  it("are read as people type them", () => {
    expect(["0,03", " 1e-3 ", "−4", "50 %", ".5", "abc", "", "1.2.3"].map(parseNumber)).toEqual([0.03, 0.001, -4, 0.5, 0.5, null, null, null]);
  });
});

describe("the slider", () => {
  const stops = [0.001, 0.003, 0.01, 0.03];

  it("goes from stop to stop by keyboard, from a value between two as well", async () => {
    const chosen: number[] = [];
    render(Slider, { label: "Learning rate", value: 0.005, minimum: 0.001, maximum: 0.03, stops, onchange: (value: number) => chosen.push(value) });
    const range = screen.getByRole("slider", { name: "Learning rate" });
    expect(range.getAttribute("aria-valuetext")).toBe("0.005");
    for (const key of ["ArrowRight", "ArrowLeft", "End", "Home"]) await fireEvent.keyDown(range, { key });
    expect(chosen).toEqual([0.01, 0.003, 0.03, 0.001]);
  });

  it("takes a typed number as it is, within its bounds", async () => {
    const chosen: number[] = [];
    render(Slider, { label: "Noise", value: 0.1, minimum: 0, maximum: 0.5, onchange: (value: number) => chosen.push(value) });
    for (const [text, key] of [["0.123", "Enter"], ["7", "Enter"], ["0.2", "Escape"], ["x", "Enter"]] as const) {
      await fireEvent.dblClick(screen.getByText("0.1"));
      const field = screen.getByRole("textbox", { name: "Noise" });
      await fireEvent.input(field, { target: { value: text } });
      await fireEvent.keyDown(field, { key });
    }
    expect(chosen).toEqual([0.123, 0.5]);
  });

  it("tells the moves while dragging and the choice at the end", async () => {
    const [moves, chosen] = [[] as number[], [] as number[]];
    render(Slider, {
      label: "Rate",
      value: 0.001,
      minimum: 0.001,
      maximum: 0.03,
      stops,
      oninput: (value: number) => moves.push(value),
      onchange: (value: number) => chosen.push(value),
    });
    const range = screen.getByRole("slider");
    await fireEvent.input(range, { target: { value: "0.9" } });
    await fireEvent.input(range, { target: { value: "1.2" } });
    await fireEvent.input(range, { target: { value: "2.2" } });
    await fireEvent.change(range);
    expect([moves, chosen]).toEqual([[0.003, 0.01], [0.01]]);
  });
});

describe("floating boxes", () => {
  const room = { width: 400, height: 300 };

  it("stand below, or above where there is more room", () => {
    expect(beside({ left: 20, top: 20, right: 60, bottom: 40 }, 100, 50, room)).toEqual({ left: 20, top: 46, above: false });
    expect(beside({ left: 20, top: 260, right: 60, bottom: 280 }, 100, 50, room)).toEqual({ left: 20, top: 204, above: true });
  });

  it("stand at the side that has room", () => {
    expect(aside({ left: 20, top: 100, right: 100, bottom: 120 }, 100, 40, room)).toEqual({ left: 112, top: 90 });
    expect(aside({ left: 250, top: 100, right: 390, bottom: 120 }, 100, 40, room)).toEqual({ left: 138, top: 90 });
    expect(aside({ left: 10, top: 100, right: 390, bottom: 120 }, 100, 40, room)).toBeNull();
  });

  it("stay inside the window", () => {
    expect(beside({ left: 380, top: 20, right: 395, bottom: 40 }, 100, 50, room).left).toBe(292);
    expect(beside({ left: 2, top: 20, right: 10, bottom: 40 }, 100, 50, room, true).left).toBe(8);
  });
});
