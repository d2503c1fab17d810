// What goes wrong: doemu's own refusals, and what programs throw.

import type { components } from "./openapi.js";
import { deserialize, makeError } from "./values.js";

type Thrown = components["schemas"]["Thrown"];

/** An error of the admin API itself. */
export class AdminError extends Error {
  override readonly name = "AdminError";
  /** The HTTP status. */
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** doemu did not start, or has ended. */
export class DoemuError extends Error {
  override readonly name = "DoemuError";

  constructor(message: string) {
    super(message);
    // Where this package found out is of no interest.
    define(this, "stack", `DoemuError: ${message}`);
  }
}

/** What an answer says that tells of a failure: what a program threw, or an AdminError. */
export function failureOf(status: number, text: string): unknown {
  let failure: { message?: string; thrown?: Thrown } | undefined;
  try {
    failure = (JSON.parse(text) as { errors?: (typeof failure)[] }).errors?.[0];
  } catch {
    // It is no JSON: the text says it.
  }
  if (failure?.thrown !== undefined) return thrownValue(failure.thrown);
  return new AdminError(status, failure?.message ?? (text.trim() || `doemu answered ${status}`));
}

/**
 * What a program threw, as it was there: the error's class, message and own properties, with the stack of the program
 * in front of that of the caller.
 */
export function thrownValue(thrown: Thrown): unknown {
  const value = thrown.value === undefined ? undefined : deserialize(Buffer.from(thrown.value, "base64"));
  if (thrown.value !== undefined && !(value instanceof Error)) {
    return typeof value === "object" && value !== null ? Object.assign(value, thrown.properties) : value;
  }
  const error = value instanceof Error ? value : makeError(thrown.name, thrown.message);
  if (error.message !== thrown.message) define(error, "message", thrown.message);
  for (const [key, property] of Object.entries(thrown.properties ?? {})) {
    Object.defineProperty(error, key, { value: property, writable: true, enumerable: true, configurable: true });
  }
  define(error, "stack", `${thrown.name || error.name}: ${thrown.message}${thrown.stack === undefined ? "" : `\n${thrown.stack}`}`);
  return error;
}

// The places of this package say nothing about the test.
const own = new URL(".", import.meta.url).href;

/** Adds to an error's stack where the test was that met it. */
export function addCaller(error: unknown, caller: Error): unknown {
  if (error instanceof Error) {
    const places = String(caller.stack).split("\n").slice(1);
    define(error, "stack", [error.stack, ...places.filter((place) => !place.includes(own))].join("\n"));
  }
  return error;
}

function define(error: Error, name: string, value: unknown): void {
  Object.defineProperty(error, name, { value, writable: true, configurable: true });
}
