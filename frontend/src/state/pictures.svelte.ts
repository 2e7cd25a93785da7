// The newest picture of each view, found by what the view says rather than by how its JSON is written.
import type { Catalogue, Frame, Heatmap, Images, Matrix, Picture, Points, Table, View } from "../api/types.ts";
import { SvelteMap } from "svelte/reactivity";
import { canonical } from "./complete.ts";

type KindOf = { heatmap: Heatmap; images: Images; matrix: Matrix; points: Points; table: Table };

export class Pictures {
  #frames = new SvelteMap<string, Frame>();

  constructor(private readonly catalogue: Catalogue) {}

  put(frame: Frame): void {
    this.#frames.set(this.#key(frame.key), frame);
  }

  has(view: View): boolean {
    return this.#frames.has(this.#key(view));
  }

  /** The newest picture of the view, if it is of this kind. */
  of<Kind extends keyof KindOf>(view: View, kind: Kind): KindOf[Kind] | null {
    const picture: Picture | undefined = this.#frames.get(this.#key(view))?.picture;
    return picture?.kind === kind ? (picture as KindOf[Kind]) : null;
  }

  clear(): void {
    this.#frames.clear();
  }

  #key(view: View): string {
    const defaults = this.catalogue.views.find((doc) => doc.op === view.op)?.defaults ?? {};
    return canonical({ ...defaults, ...view });
  }
}
