// What a person has chosen for the page itself: language and theme. Kept in the browser, never in the experiment.
import type { Locale } from "../api/types.ts";
import { TEXTS, type Texts } from "../words/texts.ts";

export type Theme = "light" | "dark";

// The keys and the data-theme attribute are also read by public/theme.js, which runs before the first paint.
const THEME = "playground.theme";
const LOCALE = "playground.locale";

export class Preferences {
  locale = $state<Locale>(kept(LOCALE) === "zh" || (kept(LOCALE) === null && navigator.language.toLowerCase().startsWith("zh")) ? "zh" : "en");
  theme = $state<Theme>(document.documentElement.dataset["theme"] === "dark" ? "dark" : "light");
  text: Texts = $derived(TEXTS[this.locale]);

  constructor() {
    this.#show();
    // The system's theme counts until the person has chosen one here.
    window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", (event) => {
      if (kept(THEME) !== null) return;
      this.theme = event.matches ? "dark" : "light";
      this.#show();
    });
  }

  toggleLocale(): void {
    this.locale = this.locale === "en" ? "zh" : "en";
    keep(LOCALE, this.locale);
    this.#show();
  }

  toggleTheme(): void {
    this.theme = this.theme === "light" ? "dark" : "light";
    keep(THEME, this.theme);
    this.#show();
  }

  #show(): void {
    const root = document.documentElement;
    root.dataset["theme"] = this.theme;
    root.lang = this.locale === "zh" ? "zh-CN" : "en";
    document.title = this.text.name;
  }
}

// A browser may refuse storage; the page then simply forgets.
function kept(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

function keep(key: string, value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch {
    return;
  }
}
