// The classes of the platform whose objects have a serialized form: a tag that says that the host reads
// it, the number of the type, and what the type needs.

import type { Reader } from "./reader.ts";
import type { Writer } from "./writer.ts";

/** How the objects of a class are written and read. */
export interface HostType<T extends object = object> {
  /** workerd's number for the type (SerializationTag of worker-interface.capnp). */
  tag: number;
  /** Tells that objects cross between isolates only: they are written by reference. */
  byReference?: true;
  write(to: Writer, value: T): void;
  read(from: Reader): T;
}

const byPrototype = new Map<object, HostType>();
const byTag = new Map<number, HostType>();

/** Registers a class. */
export function hostType<T extends object>(type: { prototype: T }, how: HostType<T>): void {
  byPrototype.set(type.prototype, how as unknown as HostType);
  byTag.set(how.tag, how as unknown as HostType);
}

/** How an object is written, if it is of such a class or of one that extends it. */
export function hostTypeOf(value: object): HostType | undefined {
  for (let o = Object.getPrototypeOf(value) as object | null; o !== null; o = Object.getPrototypeOf(o) as object | null) {
    const how = byPrototype.get(o);
    if (how !== undefined) return how;
  }
  return undefined;
}

/** How a type is read. */
export const hostTypeByTag = (tag: number): HostType | undefined => byTag.get(tag);
