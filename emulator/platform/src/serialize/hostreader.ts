// What workerd writes in a form of its own: see hostwriter.ts.

import { Blob } from "../blob/blob.ts";
import { DOMException } from "../errors.ts";
import { decodeText } from "../encoding/text.ts";
import { damaged } from "./input.ts";
import { hostTypeByTag } from "./hosttypes.ts";
import { hostErrors, hostTags } from "./tags.ts";
import type { Reader } from "./reader.ts";

/** A string of UTF-8 behind its length. */
export const readText = (from: Reader): string => decodeText(from.in.take(from.in.varint()));

/** The object behind the tag of host objects. */
export function readHostObject(from: Reader): object {
  const tag = from.in.varint();
  switch (tag) {
    case hostTags.domException:
      return domException(readText(from), readText(from), readText(from));
    case hostTags.domExceptionOld: {
      const name = readText(from);
      const rest = from.value();
      if (typeof rest !== "object" || rest === null) {
        throw damaged("Deserialization failed: DOMException payload is not an object");
      }
      return domException(name, ownText(rest, "message"), ownText(rest, "stack"));
    }
    case hostTags.blob: {
      const type = readText(from);
      return new Blob([from.in.take(from.in.varint())], { type });
    }
    case hostTags.nativeError:
      return nativeError(from);
  }
  if (tag === hostTags.serviceStub && from.stubs !== undefined) return from.stubs(readText(from));
  const type = hostTypeByTag(tag);
  if (type === undefined || (type.byReference && from.references === undefined)) throw damaged();
  return type.read(from);
}

function ownText(object: object, key: string): string {
  const value: unknown = Object.getOwnPropertyDescriptor(object, key)?.value;
  if (typeof value !== "string") throw damaged(`Deserialization failed: DOMException ${key} is not a string`);
  return value;
}

function domException(name: string, message: string, stack: string): DOMException {
  const error = new DOMException(message, name);
  hide(error, "stack", stack);
  return error;
}

const hide = (object: object, key: string, value: unknown): void => {
  Object.defineProperty(object, key, { value, writable: true, configurable: true });
};

// An error gets its own properties back, but what came from another isolate not the stack of where it was made.
function nativeError(from: Reader): Error {
  const type = from.in.varint();
  const name: unknown = type === 0 ? from.value() : hostErrors[type];
  const message = from.value();
  if (typeof message !== "string") throw damaged("Deserialization failed: error message is not a string");
  const error = withName(name, message);
  const own = from.value();
  if (typeof own !== "object" || own === null) return error;
  for (const key of Object.keys(own)) {
    if (key === "stack" && from.references !== undefined) continue;
    const value = (own as Record<string, unknown>)[key];
    Object.defineProperty(error, key, { value, writable: true, enumerable: true, configurable: true });
  }
  return error;
}

function withName(name: unknown, message: string): Error {
  const known = typeof name === "string" && hostErrors.includes(name);
  const Type = known ? (globalThis as unknown as Record<string, unknown>)[name] : undefined;
  if (name === "AggregateError") {
    const error = new AggregateError([], message);
    delete (error as { errors?: unknown[] }).errors;
    return error;
  }
  if (typeof Type === "function" && name !== "SuppressedError") return new (Type as ErrorConstructor)(message);
  const error = new Error(message);
  if (!known) Object.defineProperty(error, "name", { value: name, writable: true, enumerable: true, configurable: true });
  return error;
}
