import { fireEvent, render, screen, within } from "@testing-library/svelte";
import { expect, test, vi } from "vitest";
import type { Check } from "../api/types.ts";
import LayerPalette from "./LayerPalette.svelte";
import NetworkDiagram from "./NetworkDiagram.svelte";
import { catalogue, checked, network } from "./networks.fixture.ts";

const nodes = network("h1:dense", "a1:tanh", "h2:dense", "out:output");

function mounted(check: Partial<Check> = {}) {
  const told = { onselect: vi.fn(), onhover: vi.fn(), oninsert: vi.fn(), onremove: vi.fn(), onmove: vi.fn(), onfix: vi.fn() };
  const names = ["x₁", "x₂"].map((name) => ({ en: name, zh: name }));
  const quiet = { neurons: null, activations: null, weights: {}, selected: null, hovered: null, task: null };
  const known = { ...checked(nodes, { out: [1] }), ...check };
  render(NetworkDiagram, { nodes, data: { shape: [2], columns: names }, catalogue, check: known, ...quiet, locale: "en", editable: true, ...told });
  return told;
}

test("every column is named, and Enter on its title selects it", async () => {
  const told = mounted();
  expect(screen.getByRole("group", { name: "Layer 1: Dense 8 · tanh, 8 units, 72 weights" })).toBeTruthy();
  await fireEvent.click(screen.getByRole("button", { name: "tanh" }));
  expect(told.onselect).toHaveBeenCalledWith("a1");
});

test("a tile that is reached by keyboard is shown large, and its layer can be selected", async () => {
  const told = mounted();
  const unit = screen.getByRole("button", { name: "unit 3 of Dense 8 · tanh" });
  await fireEvent.focus(unit);
  expect(told.onhover).toHaveBeenLastCalledWith({ node: "a1", unit: 2 });
  await fireEvent.blur(unit);
  expect(told.onhover).toHaveBeenLastCalledWith(null);
  await fireEvent.click(screen.getByRole("button", { name: "input x₂" }));
  expect(told.onselect).toHaveBeenCalledWith(null);
});

test("the keyboard moves and removes whole columns", async () => {
  const told = mounted();
  const title = screen.getByRole("button", { name: /^Layer 1/ });
  await fireEvent.keyDown(title, { key: "ArrowRight", altKey: true });
  expect(told.onmove.mock.calls).toEqual([
    ["h1", "h2"],
    ["a1", "h1"],
  ]);
  await fireEvent.keyDown(title, { key: "Delete" });
  expect(told.onremove.mock.calls).toEqual([["a1"], ["h1"]]);
});

test("a problem stands in words with a button that mends it", async () => {
  const fix = { op: "insert", after: "a1", value: { op: "flatten" } } as const;
  const message = { en: "An image arrives.", zh: "来的是图像。" };
  const told = mounted({ problems: [{ node: "h2", field: null, message, hint: null, fix }] });
  const alert = within(screen.getByRole("alert"));
  expect(alert.getByText("An image arrives.")).toBeTruthy();
  await fireEvent.click(alert.getByRole("button", { name: "Insert Flatten" }));
  expect(told.onfix).toHaveBeenCalledWith(fix);
});

test.each([
  ["dataset", "Data"],
  [undefined, "Network"],
] as const)("a problem that belongs to no layer, of part %s, is headed %s", (part, heading) => {
  const message = { en: "Too little.", zh: "太少。" };
  mounted({ problems: [{ part, node: null, field: null, message, hint: null, fix: null }] });
  expect(within(screen.getByRole("alert")).getByText(heading)).toBeTruthy();
});

test("the palette is worked with the keyboard alone", async () => {
  const onpick = vi.fn();
  const onclose = vi.fn();
  render(LayerPalette, { catalogue, locale: "en", at: "a1", onpick, onclose });
  const search = screen.getByRole("combobox");
  await fireEvent.input(search, { target: { value: "dense" } });
  await fireEvent.keyDown(search, { key: "Enter" });
  expect(onpick).toHaveBeenCalledWith({ op: "dense", units: 8 });
  await fireEvent.keyDown(search, { key: "Escape" });
  expect(onclose).toHaveBeenCalled();
});
