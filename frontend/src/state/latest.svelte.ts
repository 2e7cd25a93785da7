// The answer to the latest question: asked after a moment of quiet, with older questions called off.
import { same } from "./complete.ts";

export class Latest<Question, Answer> {
  /** The newest answer; it stays while a newer question is on its way. */
  answer = $state.raw<Answer | null>(null);
  /** The question that `answer` answers. */
  asked = $state.raw<Question | null>(null);
  #timer: ReturnType<typeof setTimeout> | undefined;
  #controller: AbortController | null = null;

  constructor(
    private readonly respond: (question: Question, signal: AbortSignal) => Promise<Answer>,
    private readonly failed: (error: unknown, question: Question) => void,
    private readonly answered: (answer: Answer, question: Question) => void = () => undefined,
  ) {}

  /** Ask once nothing newer has been asked for `quiet` milliseconds; not at all if this is what has been answered last. */
  ask(question: Question, quiet = 0): void {
    this.#stop();
    if (this.answers(question)) return;
    this.#timer = setTimeout(() => void this.#send(question), quiet);
  }

  /** The newest answer is to this question. */
  answers(question: Question): boolean {
    return this.asked !== null && same(this.asked, question);
  }

  /** The same question may have another answer by now; one that is on its way is called off. */
  doubt(): void {
    this.#stop();
    this.asked = null;
  }

  #stop(): void {
    clearTimeout(this.#timer);
    this.#controller?.abort();
    this.#controller = null;
  }

  async #send(question: Question): Promise<void> {
    const controller = new AbortController();
    this.#controller = controller;
    try {
      const answer = await this.respond(question, controller.signal);
      if (controller !== this.#controller) return;
      this.answer = answer;
      this.asked = question;
      this.answered(answer, question);
    } catch (error) {
      if (controller !== this.#controller) return;
      this.failed(error, question);
    }
  }
}
