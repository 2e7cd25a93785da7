// The newest picture of each view, found by what the view says rather than by how its JSON is written.
import type { Catalogue, Frame, Picture, View } from "../api/types.ts";
import { canonical } from "./complete.ts";

export type Kind = Picture["kind"];
export type OfKind<K extends Kind> = Extract<Picture, { kind: K }>;

export class Pictures {
  #frames = $state.raw<Record<string, Frame>>({});

  constructor(private readonly catalogue: Catalogue) {}

  put(frames: Frame[]): void {
    this.#frames = { ...this.#frames, ...Object.fromEntries(frames.map((frame) => [this.#key(frame.key), frame])) };
  }

  has(view: View): boolean {
    return this.#key(view) in this.#frames;
  }

  /** The newest picture of the view, if it is of this kind. */
  of<K extends Kind>(view: View, kind: K): OfKind<K> | null {
    const picture = this.any(view);
    return picture?.kind === kind ? (picture as OfKind<K>) : null;
  }

  /** The newest picture of the view, whatever it is. */
  any(view: View): Picture | null {
    return this.#frames[this.#key(view)]?.picture ?? null;
  }

  clear(): void {
    this.#frames = {};
  }

  #key(view: View): string {
    const defaults = this.catalogue.views.find((doc) => doc.op === view.op)?.defaults ?? {};
    return canonical({ ...defaults, ...view });
  }
}
