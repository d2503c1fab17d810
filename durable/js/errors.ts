// How what a user's code throws reaches those who called it.

import { flag } from "doemu-internal:platform/flags.ts";

const builtIn = new Set([
  "Error", "TypeError", "RangeError", "ReferenceError", "SyntaxError", "EvalError", "URIError", "AggregateError",
  "SuppressedError",
]);

/** An error as Go carries it: its class, its message, and further properties as JSON. */
export type Thrown = [className: string, message: string, props: string | undefined];

/** What a caller gets to see of a thrown value. */
export function thrown(error: unknown, flags: object): Thrown {
  const [name, message, own] = describe(error);
  return [name, message, JSON.stringify({ ...own, ...flags })];
}

function describe(error: unknown): [string, string, object] {
  if (!(error instanceof Error)) {
    return ["Error", typeof error === "object" && error !== null ? "#<Object>" : String(error), {}];
  }
  const own = carried(error);
  const name = String(error.name);
  const message = String(error.message);
  if (error instanceof DOMException || builtIn.has(name)) return [name, message, own];
  if (flag("enhanced_error_serialization")) return ["Error", message, { name, ...own }];
  return ["Error", name === "" ? message : `${name}: ${message}`, own];
}

// The flags by which a program tells callers what kind of failure it is pass in any case; other
// properties since enhanced_error_serialization.
function carried(error: Error): object {
  const out: Record<string, unknown> = {};
  for (const key of ["retryable", "overloaded", "durableObjectReset"]) {
    if ((error as unknown as Record<string, unknown>)[key] === true) out[key] = true;
  }
  if (!flag("enhanced_error_serialization")) return out;
  for (const [key, value] of Object.entries(error)) {
    if (["string", "number", "boolean"].includes(typeof value) || value === null) out[key] = value;
  }
  return out;
}
