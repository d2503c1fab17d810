// The errors for what has no serialized form, in V8's words and workerd's.

import { DOMException } from "../errors.ts";
import { noSupport, refusal } from "../globals.ts";

const clone = (what: string): DOMException => new DOMException(`${what} could not be cloned.`, "DataCloneError");

/** The error for a value that cannot be serialized. */
export const cannotClone = (value: unknown, kind = ""): DOMException => clone(shown(value, kind));

/** The error for an ArrayBuffer that has been transferred. */
export const detached = (): DOMException => clone("An ArrayBuffer is detached and");

/** Throws if an object is of one of the platform's own classes: they are more than their properties. */
export function refusePlatformObject(value: object): void {
  const why = refusal(value);
  if (why !== undefined) throw new DOMException(why, "DataCloneError");
}

/** The error for an object of a program's class, which does not cross between isolates. */
export function refuseInstance(value: object): DOMException {
  const proto = Object.getPrototypeOf(value) as object | null;
  const type: unknown = proto === null ? undefined : data(proto, "constructor");
  const name = typeof type === "function" ? data(type, "name") : undefined;
  return new DOMException(noSupport(typeof name === "string" && name !== "" ? name : "Object"), "DataCloneError");
}

// A value as V8 shows it in messages: without running anything of the program's.
function shown(value: unknown, kind: string): string {
  if (typeof value === "symbol") return String(value);
  if (typeof value === "function") return Function.prototype.toString.call(value);
  const object = value as object;
  if (kind === "proxy") return Array.isArray(object) ? "[object Array]" : "#<Object>";
  if (kind !== "boxed" && data(object, "toString") === Object.prototype.toString) {
    const type = data(object, "constructor");
    const name = typeof type === "function" ? data(type, "name") : "";
    if (typeof name === "string" && name !== "") return `#<${name}>`;
  }
  const tag = data(object, Symbol.toStringTag);
  return `[object ${typeof tag === "string" ? tag : "Object"}]`;
}

function data(object: object, key: PropertyKey): unknown {
  for (let o: object | null = object; o !== null; o = Object.getPrototypeOf(o) as object | null) {
    const property = Object.getOwnPropertyDescriptor(o, key);
    if (property !== undefined) return property.value;
  }
  return undefined;
}
