// The newest picture of each view, found by what the view says rather than by how its JSON is written.
import type { Catalogue, Frame, Heatmap, Images, Matrix, Picture, Points, Table, View } from "../api/types.ts";
import { canonical } from "./complete.ts";

type KindOf = { heatmap: Heatmap; images: Images; matrix: Matrix; points: Points; table: Table };

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
  of<Kind extends keyof KindOf>(view: View, kind: Kind): KindOf[Kind] | null {
    const picture: Picture | undefined = this.#frames[this.#key(view)]?.picture;
    return picture?.kind === kind ? (picture as KindOf[Kind]) : null;
  }

  clear(): void {
    this.#frames = {};
  }

  #key(view: View): string {
    const defaults = this.catalogue.views.find((doc) => doc.op === view.op)?.defaults ?? {};
    return canonical({ ...defaults, ...view });
  }
}
