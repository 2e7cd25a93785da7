// Both languages say everything, and each in its own script.
import { expect, test } from "vitest";
import { TEXTS } from "./texts.ts";

type Tree = { [key: string]: unknown };

function leaves(tree: Tree, path: string[] = []): [string, string][] {
  return Object.entries(tree).flatMap(([key, value]): [string, string][] => {
    const place = [...path, key];
    if (typeof value === "function") return [[place.join("."), String((value as (...parts: unknown[]) => string)("1", "2"))]];
    return typeof value === "object" ? leaves(value as Tree, place) : [[place.join("."), String(value)]];
  });
}

const english = new Map(leaves(TEXTS.en as Tree));
const chinese = new Map(leaves(TEXTS.zh as Tree));
// What is the same in both: signs and symbols, and the name of the other language.
const SHARED = new Set(["none", "r2", "metrics.r2", "keys.delete", "keys.escape", "switchLanguage", "downloading", "finishedReason", "ended"]);

test("the same texts in both languages, none empty", () => {
  expect([...chinese.keys()]).toEqual([...english.keys()]);
  for (const [key, text] of [...english, ...chinese]) expect(text.trim(), key).not.toBe("");
});

test("Chinese is Chinese and English is English", () => {
  for (const [key, text] of chinese) if (!SHARED.has(key)) expect(text, key).toMatch(/\p{Script=Han}/u);
  for (const [key, text] of english) if (!SHARED.has(key)) expect(text, key).not.toMatch(/\p{Script=Han}/u);
});

test("parameters appear in the text", () => {
  for (const texts of Object.values(TEXTS)) {
    expect(texts.split("250", "240")).toMatch(/250.*240/);
    expect(texts.blocked("x")).toContain("x");
  }
});
