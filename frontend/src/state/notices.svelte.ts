// What the page has to tell: short messages, and whether the server answers. Every failed request ends here, in words.
import { Refused, Unreachable, isAbort } from "../api/errors.ts";
import type { Words } from "../api/types.ts";
import { chineseRefusal } from "../words/refusals.ts";
import { TEXTS, type Texts } from "../words/texts.ts";

export interface Notice {
  id: number;
  words: Words;
  kind: "info" | "good" | "warn" | "bad";
}

type Sentence = { [Key in keyof Texts]: Texts[Key] extends string ? Key : never }[keyof Texts];

const SHORT = 4000;
const LONG = 9000;
const MOST = 3;

export class Notices {
  list = $state.raw<Notice[]>([]);
  /** Since when requests find no answer; null while they do. */
  away = $state.raw<Date | null>(null);
  #next = 1;

  get reachable(): boolean {
    return this.away === null;
  }

  set reachable(yes: boolean) {
    this.away = yes ? null : (this.away ?? new Date());
  }

  /** A lasting one stays until it is closed. */
  show(words: Words, kind: Notice["kind"] = "info", lasting = false): void {
    const id = this.#next++;
    this.list = [...this.list.filter((notice) => notice.words.en !== words.en), { id, words, kind }].slice(-MOST);
    if (!lasting) setTimeout(() => this.close(id), kind === "bad" || kind === "warn" ? LONG : SHORT);
  }

  /** Show one of the page's own texts. */
  tell(text: Sentence, kind: Notice["kind"] = "info", lasting = false): void {
    this.show({ en: TEXTS.en[text], zh: TEXTS.zh[text] }, kind, lasting);
  }

  close(id: number): void {
    this.list = this.list.filter((notice) => notice.id !== id);
  }

  /** The one place where the page deals with a failed request. */
  failed(error: unknown): void {
    if (isAbort(error)) return;
    if (error instanceof Unreachable) {
      this.reachable = false;
      return;
    }
    if (error instanceof Refused) this.show({ en: error.message, zh: chineseRefusal(error.code, error.status, error.message) }, "bad");
    else {
      this.tell("unexpected", "bad");
      console.error(error);
    }
  }
}
