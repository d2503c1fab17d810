// What ends an object, as Go carries it.

import { type Thrown, thrown as describe } from "doemu-internal:platform/rpc/errors.ts";

/** A thrown value: its class, its message, and further properties as JSON. */
export function thrown(error: unknown, flags: object): [Thrown[0], Thrown[1], Thrown[2]] {
  const [className, message, props] = describe(error, flags);
  return [className, message, props];
}
