// Keys reach the page unless they belong to the control that has the focus.
import { expect, test } from "vitest";
import { shortcut } from "./shortcuts.ts";

function press(key: string, target: Element = document.body, more: KeyboardEventInit = {}): string | null {
  const event = new KeyboardEvent("keydown", { key, bubbles: true, ...more });
  let action: string | null = null;
  const listen = (heard: Event): void => void (action = shortcut(heard as KeyboardEvent));
  document.body.append(target === document.body ? document.createElement("i") : target);
  window.addEventListener("keydown", listen);
  target.dispatchEvent(event);
  window.removeEventListener("keydown", listen);
  return action;
}

function element(name: string, type?: string): HTMLElement {
  const made = document.createElement(name);
  if (type) made.setAttribute("type", type);
  return made;
}

test("keys on the page itself", () => {
  expect(press(" ")).toBe("toggle");
  expect(press(".")).toBe("batch");
  expect(press("z", document.body, { ctrlKey: true })).toBe("undo");
  expect(press("Z", document.body, { ctrlKey: true, shiftKey: true })).toBe("redo");
  expect(press("?", document.body, { shiftKey: true })).toBe("help");
  expect(press("q")).toBe(null);
});

test("keys that belong to a control", () => {
  expect(press("r", element("input", "text"))).toBe(null);
  expect(press("z", element("input", "text"), { ctrlKey: true })).toBe(null);
  expect(press(".", element("input", "range"))).toBe(null);
  expect(press("z", element("input", "range"), { ctrlKey: true })).toBe("undo");
  expect(press(" ", element("button"))).toBe(null);
  expect(press("r", element("button"))).toBe("reset");
});
