// What to learn from in a dataset of the hub: which of its columns suit, and a sensible first choice of them.
import type { Entry, HubColumn, HubFetched } from "../api/types.ts";

/** As the server has it: owner/name. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9_-]*(\.[A-Za-z0-9_-]+)*\/[A-Za-z0-9_][A-Za-z0-9_-]*(\.[A-Za-z0-9_-]+)*$/;
const MOST_CLASSES = 100;
/** How people call the column with the answers, the most usual first. */
const USUAL = ["label", "labels", "target", "class", "y", "answer", "category"];

/** A name that was typed, or pasted as the address of its page. */
export function tidied(text: string): string {
  return text.trim().replace(/^https?:\/\/[^/]+\/datasets\/([^/]+\/[^/?#]+).*$/, "$1");
}

export function isName(text: string): boolean {
  return text.length <= 200 && NAME.test(text);
}

/** Whether the network can get this column. */
export function suits(op: string, column: HubColumn): boolean {
  switch (op) {
    case "hub_table":
      return column.kind === "number" || (column.kind === "category" && column.classes !== null);
    case "hub_texts":
      return column.kind === "text" || (column.kind === "category" && column.type === "string");
    case "hub_images":
      return column.kind === "image";
    case "hub_sounds":
      return column.kind === "sound";
    default:
      return false;
  }
}

/** Whether a network can learn this column: classes, and of tables numbers too. */
export function learnable(op: string, column: HubColumn): boolean {
  if (column.kind !== "number" && column.kind !== "category") return false;
  const classes = column.classes?.length ?? 0;
  return (classes >= 2 && classes <= MOST_CLASSES) || (op === "hub_table" && column.kind === "number" && column.classes === null);
}

/** The fields of an experiment that name what has been fetched, with columns as most people would choose them. */
export function usualChoice(op: string, fetched: HubFetched): Omit<Entry, "op"> {
  const rows = fetched.splits.reduce((sum, split) => sum + (split.rows ?? 0), 0);
  const filled = fetched.columns.filter((column) => column.missing === null || column.missing < rows);
  const target = usualTarget(op, filled);
  const rest = filled.filter((column) => column.name !== target && suits(op, column));
  // A column that is always the same teaches nothing.
  const names = rest.filter((column) => column.kind === "text" || column.classes?.length !== 1).map((column) => column.name);
  const text = rest.find((column) => column.kind === "text")?.name;
  return {
    repository: fetched.name,
    revision: fetched.revision,
    configuration: fetched.configuration,
    splits: fetched.splits.map((split) => split.name),
    ...(op === "hub_table" ? { inputs: names } : { input: text ?? names[0] ?? "" }),
    target,
  };
}

function usualTarget(op: string, columns: HubColumn[]): string {
  const possible = columns.filter((column) => learnable(op, column));
  // One that the network alone could get stays for it.
  const free = possible.filter((column) => columns.some((other) => other !== column && suits(op, other)));
  for (const name of USUAL) {
    const found = free.find((column) => column.name.toLowerCase() === name);
    if (found) return found.name;
  }
  return (free.findLast((column) => column.kind === "category") ?? free.findLast((column) => column.classes !== null) ?? free.at(-1))?.name ?? "";
}
