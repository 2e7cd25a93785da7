// What the controls themselves say.
import type { Locale } from "../api/types.ts";

interface UiWords {
  close: string;
  between: (minimum: string, maximum: string) => string;
  atLeast: (minimum: string) => string;
  notANumber: string;
  random: string;
}

export const WORDS: Record<Locale, UiWords> = {
  en: {
    close: "Close",
    between: (minimum, maximum) => `Between ${minimum} and ${maximum}`,
    atLeast: (minimum) => `At least ${minimum}`,
    notANumber: "This is not a number",
    random: "Random number",
  },
  zh: {
    close: "关闭",
    between: (minimum, maximum) => `应在 ${minimum} 到 ${maximum} 之间`,
    atLeast: (minimum) => `不能小于 ${minimum}`,
    notANumber: "这不是一个数",
    random: "随机取一个数",
  },
};
