// How what a program throws reaches those who called it: its class, its message and the flags that tell
// what kind of failure it is; since enhanced_error_serialization the thrown value itself too.

import { setThrownReader, stackLines } from "../errors.ts";
import { flag } from "../flags.ts";
import { type Bytes, host } from "../kernel.ts";
import { deserialize, serialize } from "../serialize/index.ts";
import { damaged } from "../serialize/input.ts";
import type { IncomingReferences } from "../serialize/references.ts";

const builtIn = new Set([
  "Error", "TypeError", "RangeError", "ReferenceError", "SyntaxError", "EvalError", "URIError", "AggregateError",
  "SuppressedError",
]);

/** An error as Go carries it: its class, its message, further properties as JSON, the value serialized. */
export type Thrown = [className: string, message: string, props: string | undefined, thrown: Bytes | undefined];

/** What a caller gets to see of a thrown value, with flags of where it comes from. */
export function thrown(error: unknown, flags: object): Thrown {
  const [name, message, own] = describe(error);
  return [name, message, JSON.stringify({ ...own, ...flags }), whole(error)];
}

function describe(error: unknown): [string, string, object] {
  if (!(error instanceof Error)) {
    return ["Error", typeof error === "object" && error !== null ? "#<Object>" : String(error), {}];
  }
  const own: Record<string, true> = {};
  for (const key of ["retryable", "overloaded", "durableObjectReset"]) {
    if ((error as unknown as Record<string, unknown>)[key] === true) own[key] = true;
  }
  const name = String(error.name);
  const message = String(error.message);
  if (error instanceof DOMException || builtIn.has(name)) return [name, message, own];
  return ["Error", name === "" ? message : `${name}: ${message}`, own];
}

// The value itself, without what cannot pass.
function whole(error: unknown): Bytes | undefined {
  if (!flag("enhanced_error_serialization") || typeof error !== "object" || error === null) return undefined;
  try {
    return serialize(error);
  } catch {
    return undefined;
  }
}

/** Ends a call with what was thrown. */
export function fail(call: number, error: unknown, flags: object): void {
  host["rpc.throw"](call, ...thrown(error, flags), error instanceof Error ? stackLines(error) : "");
}

// An error that was thrown elsewhere holds nothing by reference.
const noReferences: IncomingReferences = {
  next: () => {
    throw damaged();
  },
};

setThrownReader((bytes) => {
  if (!flag("enhanced_error_serialization")) return undefined;
  try {
    return deserialize(bytes, noReferences);
  } catch {
    return undefined; // from another session may come anything
  }
});
