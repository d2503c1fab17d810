import { defineGlobals } from "../globals.ts";
import { deserialize } from "./reader.ts";
import { serialize } from "./writer.ts";

/** https://developer.mozilla.org/docs/Web/API/Window/structuredClone */
function structuredClone<T>(value: T, options?: { transfer?: object[] }): T {
  const copy = deserialize(serialize(value)) as T;
  for (const object of options?.transfer ?? []) {
    // The copy has the bytes; the original loses them, as a transfer demands.
    if (object instanceof ArrayBuffer) object.transfer(0);
  }
  return copy;
}

defineGlobals({ structuredClone });
