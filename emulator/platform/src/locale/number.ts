// Numbers as people in the United States write them: what toLocaleString gives without Intl.

import { onlyEnglish, unknownOptions } from "./english.ts";

interface NumberOptions {
  minimumFractionDigits?: unknown;
  maximumFractionDigits?: unknown;
  minimumIntegerDigits?: unknown;
  useGrouping?: unknown;
  style?: unknown;
}

const known = new Set(["minimumFractionDigits", "maximumFractionDigits", "minimumIntegerDigits", "useGrouping", "style"]);

const defaultDigits = 3;
const mostDigits = 100;
const mostIntegerDigits = 21;

function digits(value: unknown, name: string, least: number, most: number): number | undefined {
  if (value === undefined) return undefined;
  const number = Number(value);
  if (!(number >= least && number <= most)) throw new RangeError(`${name} value is out of range.`);
  return Math.floor(number);
}

/** The digits before and after the point of a number that is not negative, and finite. */
function decimal(text: string): [whole: string, fraction: string] {
  const [mantissa, exponent] = text.split("e") as [string, string | undefined];
  const [whole, fraction = ""] = mantissa.split(".") as [string, string | undefined];
  const shift = Number(exponent ?? 0);
  const all = whole + fraction;
  const point = whole.length + shift;
  if (point <= 0) return ["0", "0".repeat(-point) + all];
  return [all.slice(0, point).padEnd(point, "0"), all.slice(point)];
}

// Rounds halves away from zero.
function round([whole, fraction]: [string, string], most: number): [string, string] {
  if (fraction.length <= most) return [whole, fraction];
  const kept = whole + fraction.slice(0, most);
  const up = fraction[most]! >= "5" ? 1n : 0n;
  const text = String(BigInt(kept) + up).padStart(kept.length, "0");
  return [text.slice(0, text.length - most), most === 0 ? "" : text.slice(-most)];
}

function format(value: number | bigint, options: NumberOptions): string {
  const style = options.style ?? "decimal";
  const percent = style === "percent";
  const least = digits(options.minimumFractionDigits, "minimumFractionDigits", 0, mostDigits);
  const given = digits(options.maximumFractionDigits, "maximumFractionDigits", 0, mostDigits);
  const usual = percent ? 0 : defaultDigits;
  if (least !== undefined && given !== undefined && least > given) throw new RangeError("maximumFractionDigits value is out of range.");
  const most = given ?? Math.max(usual, least ?? 0);
  const negative = value < 0 || Object.is(value, -0);
  const sign = negative ? "-" : "";
  const end = percent ? "%" : "";
  if (Number.isNaN(value)) return `NaN${end}`;
  if (value === Infinity || value === -Infinity) return `${sign}∞${end}`;
  const exact = decimal(String(value).replace("-", ""));
  const moved: [string, string] = percent ? [exact[0] + exact[1].slice(0, 2).padEnd(2, "0"), exact[1].slice(2)] : exact;
  const [whole, fraction] = round(moved, most);
  const shown = fraction.replace(/0+$/, "").padEnd(Math.min(least ?? 0, most), "0");
  const integer = whole.replace(/^0+(?=\d)/, "").padStart(digits(options.minimumIntegerDigits, "minimumIntegerDigits", 1, mostIntegerDigits) ?? 1, "0");
  const grouped = options.useGrouping === false ? integer : integer.replace(/\B(?=(\d{3})+$)/g, ",");
  return sign + grouped + (shown === "" ? "" : `.${shown}`) + end;
}

function optionsOf(method: string, locales: unknown, options: unknown): NumberOptions {
  onlyEnglish(method, locales);
  if (options === null) throw new TypeError("Cannot convert undefined or null to object");
  const given = Object(options ?? {}) as NumberOptions;
  unknownOptions(method, given, known);
  const { style, useGrouping } = given;
  if (style !== undefined && style !== "decimal" && style !== "percent") unknownOptions(method, { [`style: "${String(style)}"`]: 1 }, known);
  if (useGrouping !== undefined && typeof useGrouping !== "boolean") unknownOptions(method, { [`useGrouping: "${String(useGrouping)}"`]: 1 }, known);
  return given;
}

const numberValue = Number.prototype.valueOf;
const bigintValue = BigInt.prototype.valueOf;

/** The methods of numbers. Options may choose the digits, the grouping and the style percent. */
export const numberMethods = {
  toLocaleString(this: number, locales?: unknown, options?: unknown): string {
    return format(numberValue.call(this), optionsOf("Number.prototype.toLocaleString", locales, options));
  },
};

export const bigintMethods = {
  toLocaleString(this: bigint, locales?: unknown, options?: unknown): string {
    return format(bigintValue.call(this), optionsOf("BigInt.prototype.toLocaleString", locales, options));
  },
};
