// What the forms themselves say; labels and help come from the catalogue.
import type { Locale } from "../api/types.ts";

interface FormWords {
  more: string;
  off: string;
  painted: (index: number) => string;
}

export const WORDS: Record<Locale, FormWords> = {
  en: { more: "More", off: "off", painted: (index) => `Class ${index}` },
  zh: { more: "更多", off: "关", painted: (index) => `第 ${index} 类` },
};
