// Strings: their order, by the collation of Unicode in Go, and their letters.

import { host } from "../kernel.ts";
import { firstLocale, onlyEnglish, unknownOptions } from "./english.ts";

declare module "../kernel.ts" {
  interface Host {
    /** Compares two strings as English does, by a sensitivity of Intl.Collator, and digits as numbers. */
    "locale.compare"(a: string, b: string, sensitivity: string, numeric: boolean): number;
  }
}

const known = new Set(["sensitivity", "numeric", "usage"]);
const sensitivities = new Set(["base", "accent", "case", "variant"]);

// Languages whose letters have other capitals than all others.
const ownLetters = /^(az|el|hy|lt|tr)(-|$)/i;

function checkLetters(method: string, locales: unknown): void {
  const locale = firstLocale(locales);
  if (locale !== undefined && ownLetters.test(locale)) {
    throw new Error(`String.prototype.${method}() for the locale ${JSON.stringify(locale)} is not available in doemu: its JavaScript engine has no Intl.`);
  }
}

const { toLowerCase, toUpperCase } = String.prototype;

// A class is strict code wherever it is bundled: `this` stays what it is called with.
class StringMethods {
  localeCompare(this: unknown, that: string, ...[locales, options]: unknown[]): number {
    const method = "String.prototype.localeCompare";
    if (this === undefined || this === null) throw new TypeError(`${method} called on null or undefined`);
    const [a, b] = [`${this as string}`, `${that}`];
    if (locales === undefined && options === undefined) return host["locale.compare"](a, b, "variant", false);
    onlyEnglish(method, locales);
    if (options === null) throw new TypeError("Cannot convert undefined or null to object");
    const given = Object(options ?? {}) as { sensitivity?: unknown; numeric?: unknown; usage?: unknown };
    unknownOptions(method, given, known);
    const sensitivity = `${(given.sensitivity ?? "variant") as string}`;
    if (!sensitivities.has(sensitivity)) throw new RangeError(`Value ${sensitivity} out of range for Intl.Collator options property sensitivity`);
    if (given.usage !== undefined && given.usage !== "sort" && given.usage !== "search") {
      throw new RangeError(`Value ${given.usage as string} out of range for Intl.Collator options property usage`);
    }
    return host["locale.compare"](a, b, sensitivity, Boolean(given.numeric));
  }
  toLocaleLowerCase(this: string, ...[locales]: unknown[]): string {
    checkLetters("toLocaleLowerCase", locales);
    return toLowerCase.call(this);
  }
  toLocaleUpperCase(this: string, ...[locales]: unknown[]): string {
    checkLetters("toLocaleUpperCase", locales);
    return toUpperCase.call(this);
  }
}

/** The methods of strings. */
export const stringMethods: object = StringMethods.prototype;
