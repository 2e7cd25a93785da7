// Numbers, sizes and times as people read them, in the language of the page.
import type { Locale } from "../api/types.ts";

const LANGUAGE: Record<Locale, string> = { en: "en", zh: "zh-CN" };

/** 12,345 */
export function count(value: number, locale: Locale): string {
  return new Intl.NumberFormat(LANGUAGE[locale], { maximumFractionDigits: 0 }).format(value);
}

/** 46, 12.3K, 1.2 万: for what need not be exact. */
export function rough(value: number, locale: Locale): string {
  if (value >= 10 && value < 1000) return value.toFixed(0);
  return new Intl.NumberFormat(LANGUAGE[locale], { notation: "compact", maximumSignificantDigits: 3 }).format(value);
}

/** 98.7 % */
export function percent(share: number | null | undefined, digits = 1): string {
  return share === null || share === undefined ? "–" : `${(share * 100).toFixed(digits)} %`;
}

/** Four significant digits, without an exponent where it can be read without. */
export function score(value: number | null | undefined): string {
  if (value === null || value === undefined) return "–";
  const size = Math.abs(value);
  if (size !== 0 && (size < 0.0001 || size >= 1e6)) return value.toExponential(2);
  return value.toFixed(size >= 100 ? 1 : size >= 10 ? 2 : 3);
}

/** 11.5 MB */
export function bytes(size: number): string {
  const units = ["B", "kB", "MB", "GB"];
  let value = size;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${value >= 100 || unit === 0 ? value.toFixed(0) : value.toFixed(1)} ${units[unit]}`;
}

/** 3 minutes ago */
export function ago(time: string, locale: Locale, now = Date.now()): string {
  const seconds = (Date.parse(time) - now) / 1000;
  const format = new Intl.RelativeTimeFormat(LANGUAGE[locale], { numeric: "auto" });
  if (seconds > -60) return format.format(Math.round(seconds), "second");
  if (seconds > -3600) return format.format(Math.round(seconds / 60), "minute");
  if (seconds > -86_400) return format.format(Math.round(seconds / 3600), "hour");
  return format.format(Math.round(seconds / 86_400), "day");
}

/** 10:43:05 */
export function clock(time: Date): string {
  return time.toTimeString().slice(0, 8);
}

/** 1:05, or 2:03:04 */
export function duration(start: string, end: string | null): string {
  const seconds = Math.max(0, Math.round(((end ? Date.parse(end) : Date.now()) - Date.parse(start)) / 1000));
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const shown = parts[0] ? parts : parts.slice(1);
  return shown.map((part, index) => (index ? String(part).padStart(2, "0") : String(part))).join(":");
}

/** 000,184 */
export function epochDigits(epoch: number): string {
  return String(Math.floor(epoch))
    .padStart(6, "0")
    .replace(/(\d)(?=(\d{3})+$)/g, "$1,");
}
