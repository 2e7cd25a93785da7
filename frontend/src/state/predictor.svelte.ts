// What the network says of something drawn, typed or said, or of a place on the map of its codes, asked again whenever it has learnt more.
import type { Api } from "../api/client.ts";
import { Refused } from "../api/errors.ts";
import type { Prediction, Question } from "../api/types.ts";
import type { Notices } from "./notices.svelte.ts";

export class Predictor {
  prediction = $state.raw<Prediction | null>(null);
  /** The job has no checkpoint yet, so there is no network to ask. */
  waiting = $state(false);
  #question: Question | null = null;
  #job: string | null = null;
  #busy = false;
  #again = false;

  constructor(
    private readonly api: Api,
    private readonly notices: Notices,
  ) {}

  /** Ask this job from now on. */
  follow(job: string | null): void {
    this.#job = job;
    this.prediction = null;
    this.waiting = false;
    this.refresh();
  }

  /** What is asked from now on, again and again; null asks nothing. */
  ask(question: Question | null): void {
    this.#question = question;
    if (question) this.refresh();
    else this.prediction = null;
  }

  /** One question is under way at a time: answers keep coming, however fast the question or the network changes. */
  refresh(): void {
    if (this.#busy) this.#again = true;
    else if (this.#question && this.#job) void this.#ask(this.#job, this.#question);
  }

  async #ask(job: string, question: Question): Promise<void> {
    this.#busy = true;
    try {
      const prediction = await this.api.predict(job, question);
      if (job === this.#job && this.#question) {
        this.prediction = prediction;
        this.waiting = false;
      }
    } catch (error) {
      if (error instanceof Refused && (error.status === 404 || error.status === 409)) this.waiting = job === this.#job;
      else this.notices.failed(error);
    } finally {
      this.#busy = false;
      if (this.#again) {
        this.#again = false;
        this.refresh();
      }
    }
  }
}
