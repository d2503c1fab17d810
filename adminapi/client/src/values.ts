// Values on their way to doemu and back: V8's structured-clone format, which Node and doemu both write and read.

import { Deserializer, Serializer } from "node:v8";

/** The content type of serialized values. */
export const serializedType = "application/x-v8-serialized";

/** Serializes a value; what doemu could not take throws a DataCloneError. */
export function serialize(value: unknown): Uint8Array<ArrayBuffer> {
  check(value, new Set());
  const serializer = new Serializer();
  serializer.writeHeader();
  serializer.writeValue(value);
  return serializer.releaseBuffer() as Uint8Array<ArrayBuffer>;
}

/** Reads a serialized value. */
export function deserialize(data: Uint8Array): unknown {
  const reader = new Reader(data);
  reader.readHeader();
  return reader.readValue() as unknown;
}

const cloneable = [
  Date, RegExp, Error, ArrayBuffer, DataView, Boolean, Number, String, BigInt, Object.getPrototypeOf(Uint8Array) as Function,
].map((type) => type.prototype as object);

// Objects of other classes would lose what they are: Node would clone a Request as {}.
function check(value: unknown, seen: Set<object>): void {
  if (typeof value === "function" || typeof value === "symbol") throw uncloneable(`${String(value)} could not be cloned.`);
  if (typeof value !== "object" || value === null || seen.has(value)) return;
  seen.add(value);
  const prototype = Object.getPrototypeOf(value) as object | null;
  if (value instanceof Map) {
    for (const entry of value) for (const part of entry) check(part, seen);
  } else if (value instanceof Set) {
    for (const item of value) check(item, seen);
  } else if (Array.isArray(value) || prototype === null || isPlain(prototype)) {
    for (const item of Object.values(value)) check(item, seen);
  } else if (!cloneable.some((known) => Object.prototype.isPrototypeOf.call(known, value))) {
    const { name } = (value as { constructor: { name: string } }).constructor;
    throw uncloneable(`Could not serialize object of type "${name}". This type does not support serialization.`);
  }
}

// The prototype of plain objects, those of another realm too, as test runners with vm contexts make them.
const isPlain = (prototype: object): boolean =>
  Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype, "isPrototypeOf");

const uncloneable = (message: string): DOMException => new DOMException(message, "DataCloneError");

/** The tags of what workerd serializes in forms of its own, as doemu writes them. */
const tags = { headers: 4, domExceptionOld: 7, domException: 8, nativeError: 10, blob: 15 };

/** The classes of errors by their numbers in that form; 0 is any other. */
const errorNames = [
  "", "Error", "TypeError", "RangeError", "ReferenceError", "SyntaxError", "", "", "", "", "EvalError", "URIError",
  "AggregateError", "SuppressedError",
];

class Reader extends Deserializer {
  /** Called by V8 for what is no JavaScript of its own. */
  _readHostObject(): unknown {
    const tag = this.readUint32();
    switch (tag) {
      case tags.nativeError: {
        const type = this.readUint32();
        const name = type === 0 ? String(this.readValue()) : (errorNames[type] ?? "Error");
        const error = makeError(name, String(this.readValue()));
        return Object.assign(error, this.readValue());
      }
      case tags.domException: {
        const [name, message] = [this.#text(), this.#text()];
        this.#text(); // the stack
        return new DOMException(message, name);
      }
      case tags.blob: {
        const type = this.#text();
        return new Blob([Uint8Array.from(this.readRawBytes(this.readUint32()))], { type });
      }
    }
    throw new TypeError(
      "The value holds a function, a stub, a stream, a request or a response, which cannot leave doemu. Use it there: in the " +
        "Worker, or with runInDurableObject.",
    );
  }

  #text(): string {
    return this.readRawBytes(this.readUint32()).toString();
  }
}

const errorTypes: Record<string, new (message: string) => Error> = {
  Error, TypeError, RangeError, ReferenceError, SyntaxError, EvalError, URIError,
};

/** An error of a class that Node knows, or one that has the name. */
export function makeError(name: string, message: string): Error {
  const Type = errorTypes[name];
  if (Type !== undefined) return new Type(message);
  const web = new DOMException(message, name);
  if (web.code !== 0 || name === "OperationError") return web;
  return Object.defineProperty(new Error(message), "name", { value: name, writable: true, configurable: true });
}
