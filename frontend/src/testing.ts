// What jsdom lacks and components touch when they are mounted in a test.
import { beforeEach } from "vitest";

// Test files share a document: each test begins with an empty one.
beforeEach(() => document.body.replaceChildren());

class QuietObserver {
  observe(): void {}
  unobserve(): void {}
  disconnect(): void {}
}

globalThis.ResizeObserver ??= QuietObserver as unknown as typeof ResizeObserver;
globalThis.IntersectionObserver ??= QuietObserver as unknown as typeof IntersectionObserver;
window.matchMedia ??= (query: string) =>
  ({ matches: false, media: query, addEventListener() {}, removeEventListener() {} }) as unknown as MediaQueryList;
// jsdom has no canvas: a null context is what a component must be able to live with anyway.
HTMLCanvasElement.prototype.getContext = (() => null) as typeof HTMLCanvasElement.prototype.getContext;
