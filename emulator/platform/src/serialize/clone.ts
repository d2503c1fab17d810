import { DOMException } from "../errors.ts";
import { defineGlobals } from "../globals.ts";
import { deserialize } from "./reader.ts";
import { serialize } from "./writer.ts";

/** https://developer.mozilla.org/docs/Web/API/Window/structuredClone */
function structuredClone<T>(value: T, options?: { transfer?: Iterable<unknown> }): T {
  const buffers = [...(options?.transfer ?? [])].map(transferable);
  const copy = deserialize(serialize(value)) as T;
  // The copy has the bytes; the original loses them, as a transfer demands.
  for (const buffer of buffers) {
    if (!buffer.detached) buffer.transfer(0);
  }
  return copy;
}

function transferable(object: unknown): ArrayBuffer {
  const buffer: unknown = ArrayBuffer.isView(object) ? object.buffer : object;
  if (buffer instanceof ArrayBuffer) return buffer;
  if (buffer instanceof SharedArrayBuffer) throw new DOMException("Object is not transferable.", "DataCloneError");
  throw new TypeError("Object is not transferable");
}

defineGlobals({ structuredClone });
