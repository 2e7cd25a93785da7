// What the button that mends a problem says.

import type { Catalogue, Change, Locale } from "../api/types.ts";
import { say } from "../api/types.ts";
import { editorWords } from "./words.ts";

export function fixWords(change: Change, catalogue: Catalogue, locale: Locale): string {
  const words = editorWords[locale];
  const op = (change.value as { op?: unknown } | null)?.op;
  const doc = catalogue.layers.find((layer) => layer.op === op);
  if (change.op === "insert" && doc) return words.insertFix(say(doc.title, locale));
  const [part, name] = change.path ?? [];
  const field = part === "training" ? catalogue.training.fields.find((one) => one.name === name) : undefined;
  return field && typeof change.value === "number" ? words.setFix(say(field.label, locale), change.value) : words.applyFix;
}
