// Which scores tell how well a task is learnt: the one to read first, and those whose curves are drawn.
import type { Metric, Task } from "../api/types.ts";

interface Scores {
  headline: Metric;
  curves: readonly Metric[];
}

export function scoresOf(task: Task): Scores {
  switch (task.kind) {
    case "classification":
    case "next_token":
      return { headline: "accuracy", curves: ["loss", "accuracy"] };
    case "regression":
      return { headline: "r2", curves: ["loss", "r2", "mae"] };
    case "reconstruction":
      return { headline: "r2", curves: ["loss", "r2"] };
    case "generation":
      return { headline: "coverage", curves: ["loss", "generator_loss", "coverage"] };
    case "control":
      return { headline: "reward", curves: ["reward", "loss"] };
    default:
      return task satisfies never;
  }
}
