// The keyboard of the page: from a key press to what it asks for.

export type Action =
  | "toggle"
  | "batch"
  | "epoch"
  | "reset"
  | "newWeights"
  | "undo"
  | "redo"
  | "remove"
  | "deselect"
  | "jobs"
  | "language"
  | "theme"
  | "help";

const PLAIN: Record<string, Action> = {
  " ": "toggle",
  ".": "batch",
  ",": "epoch",
  r: "reset",
  n: "newWeights",
  Delete: "remove",
  Backspace: "remove",
  Escape: "deselect",
  j: "jobs",
  l: "language",
  d: "theme",
  "?": "help",
};

/** What this key press asks of the page; null where it belongs to the control that has the focus. */
export function shortcut(event: KeyboardEvent): Action | null {
  if (event.defaultPrevented || event.altKey || event.isComposing) return null;
  const target = event.target instanceof Element ? event.target : null;
  // A window over the page has its own keys.
  if (target?.closest("dialog, [role='dialog']")) return null;
  const typing = target?.closest("input:not([type='range'], [type='checkbox'], [type='radio']), textarea, [contenteditable='true']");
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (event.ctrlKey || event.metaKey) {
    if (typing) return null;
    if (key === "z") return event.shiftKey ? "redo" : "undo";
    return key === "y" ? "redo" : null;
  }
  if (typing) return null;
  const action = PLAIN[key] ?? null;
  const pressable = target?.closest("button, a, summary, select, input, [role='button'], [role='tab'], [role='option']");
  // The space bar presses what has the focus, but a chosen tab has nothing left to press. Keys on a slider move it or begin a number.
  const pressed = pressable && !pressable.matches("[role='tab'][aria-selected='true']");
  if (pressed && (action === "toggle" || target?.matches("input, select"))) return null;
  return action;
}
