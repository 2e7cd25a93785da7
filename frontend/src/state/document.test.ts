// Undo and redo of every edit.
import { expect, test } from "vitest";
import { Document } from "./document.svelte.ts";

test("takes every edit back and gives it again", () => {
  let now = 0;
  const document = new Document("a", () => now);
  expect(document.canUndo).toBe(false);
  document.edit("b", "one");
  now += 10_000;
  document.edit("c", "one");
  document.undo();
  expect(document.current).toBe("b");
  document.undo();
  expect(document.current).toBe("a");
  document.undo();
  expect(document.current).toBe("a");
  document.redo();
  document.redo();
  expect(document.current).toBe("c");
  expect(document.canRedo).toBe(false);
});

test("a drag is one edit; another field is another", () => {
  let now = 0;
  const document = new Document(0, () => now);
  for (const value of [1, 2, 3]) {
    now += 100;
    document.edit(value, "noise");
  }
  document.edit(4, "samples");
  document.undo();
  expect(document.current).toBe(3);
  document.undo();
  expect(document.current).toBe(0);
});

test("an edit after undo forgets the future; the same document is no edit", () => {
  const document = new Document("a");
  document.edit("b", "x");
  document.undo();
  document.edit("c", "x");
  expect(document.canRedo).toBe(false);
  document.edit("c", "y");
  document.undo();
  expect(document.current).toBe("a");
});
