// Forms made from the catalogue's fields.
import { fireEvent, render, screen, within } from "@testing-library/svelte";
import { describe, expect, it } from "vitest";
import type { Catalogue, FieldDoc } from "../api/types.ts";
import { controlOf } from "./controls.ts";
import FieldForm from "./FieldForm.svelte";

function field(name: string, kind: FieldDoc["kind"], more: Partial<FieldDoc> = {}): FieldDoc {
  return {
    name,
    kind,
    label: { en: name, zh: `${name}（中）` },
    help: { en: `What ${name} does.`, zh: `${name} 的作用。` },
    default: 0,
    minimum: null,
    maximum: null,
    exclusive_minimum: false,
    exclusive_maximum: false,
    scale: "linear",
    options: null,
    registry: null,
    advanced: false,
    ...more,
  };
}

const rate = field("lr", "number", { minimum: 0, maximum: 1, exclusive_minimum: true, scale: "log", default: 0.03 });
const words = (text: string) => ({ en: text, zh: text });
const entry = (op: string, fields: FieldDoc[], defaults: Record<string, unknown> = {}) => ({
  op,
  group: words(""),
  title: words(op.toUpperCase()),
  summary: words(op),
  help: words(""),
  defaults: { op, ...defaults },
  fields,
});
const catalogue: Catalogue = {
  version: "0",
  layers: [],
  datasets: [],
  views: [],
  schedules: [],
  presets: [],
  training: { fields: [] },
  methods: [],
  optimizers: [entry("sgd", [rate, field("momentum", "number", { minimum: 0, maximum: 1, exclusive_maximum: true })], { lr: 0.1, momentum: 0 }), entry("adam", [rate], { lr: 0.01 })],
  losses: [
    { ...entry("mse", []), tasks: ["regression"] },
    { ...entry("cross_entropy", []), tasks: ["classification"] },
  ],
};

describe("the control of a field", () => {
  it("is an even slider for a bounded number, short of a bound that is excluded", () => {
    const control = controlOf(field("dropout", "number", { minimum: 0, maximum: 1, exclusive_maximum: true }));
    expect(control).toEqual({ kind: "slider", minimum: 0, maximum: 0.99, step: 0.01, stops: null, off: false });
    expect(controlOf(field("units", "integer", { minimum: 1, maximum: 128 }))).toMatchObject({ minimum: 1, maximum: 128, step: 1, stops: null });
  });

  it("is a logarithmic slider without zero where zero is excluded", () => {
    const control = controlOf(rate);
    expect(control).toMatchObject({ kind: "slider", off: false });
    const stops = control.kind === "slider" ? control.stops! : [];
    expect(stops[0]).toBeGreaterThan(0);
    expect(stops.at(-1)).toBe(1);
    expect(stops).toContain(0.03);
  });

  it("offers zero as off on a logarithmic scale from zero", () => {
    const control = controlOf(field("l2", "number", { minimum: 0, maximum: 10, scale: "log" }));
    expect(control).toMatchObject({ off: true });
    expect(control.kind === "slider" && control.stops![0]).toBe(0);
  });

  it("goes by usual sizes where the greatest value is a power of two", () => {
    const control = controlOf(field("units", "integer", { minimum: 1, maximum: 128, default: 9 }));
    expect(control).toMatchObject({ stops: null });
    const wide = controlOf(field("units", "integer", { minimum: 1, maximum: 512, default: 9 }));
    expect(wide.kind === "slider" && wide.stops).toEqual([
      1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 16, 20, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512,
    ]);
  });

  it("is fine near one for shares that work there, and near zero for small defaults", () => {
    const beta = controlOf(field("beta2", "number", { minimum: 0, maximum: 1, exclusive_maximum: true, default: 0.999 }));
    expect(beta).toMatchObject({ minimum: 0, maximum: 0.9999, off: false });
    expect(beta.kind === "slider" && beta.stops).toContain(0.999);
    const slope = controlOf(field("slope", "number", { minimum: 0, maximum: 1, default: 0.01 }));
    expect(slope).toMatchObject({ minimum: 0, maximum: 1, off: false });
    expect(slope.kind === "slider" && slope.stops).toContain(0.02);
  });

  it("is a field to type in for seeds and for numbers without bounds", () => {
    expect(controlOf(field("seed", "integer", { minimum: 0, maximum: 2 ** 31 - 1 }))).toMatchObject({ kind: "number", dice: true });
    expect(controlOf(field("free", "number", { minimum: 0 }))).toMatchObject({ kind: "number", dice: false });
  });
});

describe("a form", () => {
  it("names every control, describes it, and speaks the page's language", () => {
    const fields = [
      field("noise", "number", { minimum: 0, maximum: 1 }),
      field("seed", "integer", { minimum: 0, maximum: 2 ** 31 - 1 }),
      field("bias", "boolean", { default: true }),
      field("device", "choice", { default: "cpu", options: [{ value: "cpu", label: words("CPU") }] }),
    ];
    render(FieldForm, { fields, value: {}, catalogue, locale: "zh", onchange: () => {} });
    for (const [role, name] of [["slider", "noise"], ["textbox", "seed"], ["switch", "bias"], ["combobox", "device"]] as const) {
      const control = screen.getByRole(role, { name: `${name}（中）` });
      const help = document.getElementById(control.getAttribute("aria-describedby")!);
      expect(help?.textContent).toBe(`${name} 的作用。`);
    }
  });

  it("turns features on and off in their own order, but never the last one off", async () => {
    const options = ["x1", "x2", "sin"].map((value) => ({ value, label: words(value) }));
    const changes: unknown[] = [];
    const props = { fields: [field("features", "choices", { default: ["x2"], options })], catalogue, locale: "en" as const };
    const { rerender } = render(FieldForm, { ...props, value: {}, onchange: (name: string, value: unknown) => changes.push([name, value]) });
    const group = within(screen.getByRole("group", { name: "features" }));
    expect(group.getByRole<HTMLButtonElement>("button", { name: "x2" }).disabled).toBe(true);
    await fireEvent.click(group.getByRole("button", { name: "x1" }));
    await rerender({ value: { features: ["x1", "x2"] } });
    await fireEvent.click(group.getByRole("button", { name: "x2" }));
    expect(changes).toEqual([
      ["features", ["x1", "x2"]],
      ["features", ["x1"]],
    ]);
  });

  it("picks a nested entry with its defaults and edits its fields in place", async () => {
    const changes: unknown[] = [];
    render(FieldForm, {
      fields: [field("optimizer", "entry", { registry: "optimizers", default: { op: "sgd", lr: 0.1 } })],
      value: { optimizer: { op: "sgd", lr: 0.1, momentum: 0.9 } },
      catalogue,
      locale: "en",
      onchange: (name: string, value: unknown) => changes.push([name, value]),
    });
    await fireEvent.keyDown(screen.getByRole("slider", { name: "lr" }), { key: "End" });
    await fireEvent.change(screen.getByRole("combobox", { name: "optimizer" }), { target: { value: "1" } });
    expect(changes).toEqual([
      ["optimizer", { op: "sgd", lr: 1, momentum: 0.9 }],
      ["optimizer", { op: "adam", lr: 0.01 }],
    ]);
  });

  it("offers only losses for the task, and folds the advanced away", () => {
    const fields = [field("loss", "entry", { registry: "losses", default: { op: "mse" } }), field("patience", "integer", { minimum: 0, maximum: 50, advanced: true })];
    render(FieldForm, { fields, value: {}, catalogue, locale: "en", task: { kind: "regression", targets: [] }, onchange: () => {} });
    expect(screen.getAllByRole("option").map((option) => option.textContent)).toEqual(["MSE"]);
    expect(screen.getByText("More").closest("details")?.open).toBe(false);
  });
});
