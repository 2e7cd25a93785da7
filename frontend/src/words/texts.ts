// All that the page itself says, by language.
import type { Locale } from "../api/types.ts";
import { chinese } from "./chinese.ts";
import { type Texts, english } from "./english.ts";

export type { Texts };

export const TEXTS: Record<Locale, Texts> = { en: english, zh: chinese };
