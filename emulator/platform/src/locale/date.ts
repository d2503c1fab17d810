// Dates as people in the United States write them: what toLocaleString gives without Intl. The time zone of a
// Worker is UTC.

import { onlyEnglish, unknownOptions } from "./english.ts";

const known = new Set(["timeZone"]);
const zones = new Set(["utc", "gmt", "etc/utc", "etc/gmt"]);

const time = Date.prototype.getTime;

function check(method: string, locales: unknown, options: unknown): void {
  onlyEnglish(method, locales);
  if (options === null) throw new TypeError("Cannot convert undefined or null to object");
  const given = Object(options ?? {}) as { timeZone?: unknown };
  unknownOptions(method, given, known);
  const { timeZone } = given;
  if (timeZone !== undefined && !zones.has(`${timeZone as string}`.toLowerCase())) {
    throw new Error(`${method}() for the time zone ${JSON.stringify(timeZone)} is not available in doemu: its JavaScript engine has no Intl, so only "UTC" is.`);
  }
}

// A year before the first is counted back from it, and has no sign.
function datePart(date: Date): string {
  const year = date.getUTCFullYear();
  return `${date.getUTCMonth() + 1}/${date.getUTCDate()}/${year > 0 ? year : 1 - year}`;
}

function timePart(date: Date): string {
  const two = (n: number): string => String(n).padStart(2, "0");
  const hours = date.getUTCHours();
  return `${hours % 12 || 12}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())} ${hours < 12 ? "AM" : "PM"}`;
}

const method =
  (name: string, text: (date: Date) => string) =>
  (self: Date, locales: unknown, options: unknown): string => {
    const date = new Date(time.call(self));
    check(`Date.prototype.${name}`, locales, options);
    return Number.isNaN(date.getTime()) ? "Invalid Date" : text(date);
  };

const whole = method("toLocaleString", (date) => `${datePart(date)}, ${timePart(date)}`);
const dates = method("toLocaleDateString", datePart);
const times = method("toLocaleTimeString", timePart);

/** The methods of dates. */
export const dateMethods = {
  toLocaleString(this: Date, locales?: unknown, options?: unknown): string {
    return whole(this, locales, options);
  },
  toLocaleDateString(this: Date, locales?: unknown, options?: unknown): string {
    return dates(this, locales, options);
  },
  toLocaleTimeString(this: Date, locales?: unknown, options?: unknown): string {
    return times(this, locales, options);
  },
};
