// A document with undo and redo: every edit can be taken back, and a drag of a slider counts as one edit.

const TOGETHER = 700;
const LONGEST = 200;

export class Document<T> {
  #past = $state.raw<T[]>([]);
  #present: T;
  #future = $state.raw<T[]>([]);
  #last: { name: string; at: number } | null = null;

  constructor(
    first: T,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.#present = $state.raw(first);
  }

  get current(): T {
    return this.#present;
  }

  get canUndo(): boolean {
    return this.#past.length > 0;
  }

  get canRedo(): boolean {
    return this.#future.length > 0;
  }

  /** Edits of the same name in quick succession are one; those without a name never are. */
  edit(next: T, name: string | null = null): void {
    if (next === this.#present) return;
    const now = this.now();
    const continues = name !== null && this.#last?.name === name && now - this.#last.at < TOGETHER;
    if (!continues) this.#past = [...this.#past.slice(1 - LONGEST), this.#present];
    this.#last = name === null ? null : { name, at: now };
    this.#future = [];
    this.#present = next;
  }

  undo(): void {
    const before = this.#past.at(-1);
    if (before === undefined) return;
    this.#past = this.#past.slice(0, -1);
    this.#future = [this.#present, ...this.#future];
    this.#present = before;
    this.#last = null;
  }

  redo(): void {
    const [after, ...rest] = this.#future;
    if (after === undefined) return;
    this.#future = rest;
    this.#past = [...this.#past, this.#present];
    this.#present = after;
    this.#last = null;
  }
}
