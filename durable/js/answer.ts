// How calls of an object's handlers end.

import { stackLines } from "doemu-internal:platform/errors.ts";
import { host } from "doemu-internal:platform/kernel.ts";
import { thrown } from "./errors.ts";

/** Runs a handler, and tells Go how it ended. */
export async function answer(call: number, work: () => unknown): Promise<void> {
  try {
    await work();
  } catch (error) {
    const stack = error instanceof Error ? stackLines(error) : "";
    host["object.throw"](call, ...thrown(error, { remote: true }), stack);
    return;
  }
  host["object.return"](call);
}
