// How calls end: what they return or throw goes to Go.

import { host } from "doemu-internal:platform/kernel.ts";
import { deserialize, serialize } from "doemu-internal:platform/serialize/index.ts";
import { thrown } from "./errors.ts";
import type { Wire } from "./host.ts";

/** A value as it goes to a caller: primitives as they are, everything else serialized. */
export function wire(value: unknown): Wire {
  switch (typeof value) {
    case "undefined":
    case "boolean":
    case "number":
    case "string":
      return value;
  }
  return value === null ? null : serialize(value);
}

/** The value that came from the other side. */
export const unwire = (value: Wire): unknown =>
  typeof value === "object" && value !== null ? deserialize(value) : value;

/** Runs what a call asks for, and tells Go how it ended. */
export async function answer(call: number, work: () => unknown): Promise<void> {
  let result: Wire;
  try {
    result = wire(await work());
  } catch (error) {
    host["object.throw"](call, ...thrown(error, { remote: true }));
    return;
  }
  host["object.return"](call, result);
}
