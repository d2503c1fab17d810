// How Node checks arguments: its errors have codes.

import { inspect } from "../console/inspect.ts";

function received(value: unknown): string {
  if (value === null || value === undefined) return `Received ${value}`;
  if (typeof value === "function") return `Received function ${value.name}`;
  if (typeof value !== "object") return `Received type ${typeof value} (${inspect(value)})`;
  const name = (value as { constructor?: { name?: string } }).constructor?.name;
  return name === undefined || name === "" ? `Received ${inspect(value, -1)}` : `Received an instance of ${name}`;
}

/** https://nodejs.org/api/errors.html#err_invalid_arg_type */
function invalidType(name: string, expected: string, value: unknown): TypeError {
  const what = name.includes(".") ? "property" : "argument";
  const error = new TypeError(`The "${name}" ${what} must be ${expected}. ${received(value)}`);
  return Object.assign(error, { code: "ERR_INVALID_ARG_TYPE" });
}

/** https://nodejs.org/api/errors.html#err_invalid_arg_value */
export function invalidValue(name: string, value: unknown, reason: string): TypeError {
  const what = name.includes(".") ? "property" : "argument";
  const error = new TypeError(`The ${what} '${name}' ${reason}. Received ${inspect(value)}`);
  return Object.assign(error, { code: "ERR_INVALID_ARG_VALUE" });
}

/** Refuses what is not of a type, by the name that typeof gives it. */
export function checkType(value: unknown, name: string, type: "function" | "number" | "boolean"): void {
  if (typeof value !== type) throw invalidType(name, `of type ${type}`, value);
}

/** Refuses what is not an object. */
export function checkObject(value: unknown, name: string): void {
  if (typeof value !== "object" || value === null) throw invalidType(name, "of type object", value);
}

/** Refuses what is not a whole number in a range. */
export function checkInteger(value: number, name: string, least: number): void {
  checkType(value, name, "number");
  if (Number.isInteger(value) && value >= least) return;
  const range = Number.isInteger(value) ? `>= ${least} && <= ${Number.MAX_SAFE_INTEGER}` : "an integer";
  const error = new RangeError(`The value of "${name}" is out of range. It must be ${range}. Received ${inspect(value)}`);
  throw Object.assign(error, { code: "ERR_OUT_OF_RANGE" });
}

/** Refuses what is not an AbortSignal. */
export function checkSignal(value: unknown, name: string): void {
  if (!(value instanceof AbortSignal)) throw invalidType(name, "an instance of AbortSignal", value);
}
