import { DOMException } from "../errors.ts";
import { host } from "../kernel.ts";
import { errorTags, errorTypes, formatVersion, tags, views } from "./tags.ts";

declare module "../kernel.ts" {
  interface Host {
    /** A string as the format writes it: tag, length and characters. */
    "serialize.text"(text: string): ArrayBuffer;
  }
}

// Strings longer than this are encoded by Go.
const shortText = 48;

const cannotClone = (what: string): DOMException => new DOMException(`${what} could not be cloned.`, "DataCloneError");

/** Serializes a value; throws a DataCloneError for what has no serialized form. */
export function serialize(value: unknown): Uint8Array<ArrayBuffer> {
  const writer = new Writer();
  writer.head();
  writer.value(value);
  return writer.bytes();
}

class Writer {
  #out = new Uint8Array(128);
  #view = new DataView(this.#out.buffer);
  #at = 0;
  #known: Map<object, number> | undefined;

  head(): void {
    this.#byte(tags.version);
    this.#byte(formatVersion);
  }

  bytes(): Uint8Array<ArrayBuffer> {
    return this.#out.slice(0, this.#at);
  }

  #room(n: number): void {
    if (this.#at + n <= this.#out.length) return;
    const out = new Uint8Array(Math.max(this.#out.length * 2, this.#at + n));
    out.set(this.#out);
    this.#out = out;
    this.#view = new DataView(out.buffer);
  }

  #byte(b: number): void {
    if (this.#at === this.#out.length) this.#room(1);
    this.#out[this.#at++] = b;
  }

  #varint(n: number): void {
    while (n >= 0x80) {
      this.#byte((n % 0x80) | 0x80);
      n = Math.floor(n / 0x80);
    }
    this.#byte(n);
  }

  #double(n: number): void {
    this.#room(8);
    this.#view.setFloat64(this.#at, n, true);
    this.#at += 8;
  }

  #raw(bytes: Uint8Array): void {
    this.#room(bytes.byteLength);
    this.#out.set(bytes, this.#at);
    this.#at += bytes.byteLength;
  }

  #number(n: number): void {
    if (Number.isInteger(n) && n >= -0x40000000 && n < 0x40000000 && !Object.is(n, -0)) {
      this.#byte(tags.int32);
      this.#varint(n >= 0 ? n * 2 : -n * 2 - 1);
      return;
    }
    this.#byte(tags.double);
    this.#double(n);
  }

  #text(text: string): void {
    const n = text.length;
    if (n > shortText) {
      this.#longText(text);
      return;
    }
    this.#room(n + 2);
    const out = this.#out;
    let at = this.#at;
    out[at++] = tags.oneByte;
    out[at++] = n;
    for (let i = 0; i < n; i++) {
      const unit = text.charCodeAt(i);
      if (unit > 0xff) {
        this.#longText(text);
        return;
      }
      out[at++] = unit;
    }
    this.#at = at;
  }

  // Two-byte characters are aligned to two bytes, with a padding byte before the tag if need be.
  #longText(text: string): void {
    const bytes = new Uint8Array(host["serialize.text"](text));
    if (bytes[0] === tags.twoByte) {
      let head = 1;
      while (bytes[head]! >= 0x80) head++;
      if ((this.#at + head + 1) % 2 === 1) this.#byte(tags.padding);
    }
    this.#raw(bytes);
  }

  value(value: unknown): void {
    switch (typeof value) {
      case "number":
        return this.#number(value);
      case "string":
        return this.#text(value);
      case "boolean":
        return this.#byte(value ? tags.true : tags.false);
      case "undefined":
        return this.#byte(tags.undefined);
      case "bigint":
        this.#byte(tags.bigint);
        return this.#bigint(value);
      case "symbol":
        throw cannotClone(String(value));
      case "function":
        throw cannotClone(Function.prototype.toString.call(value));
    }
    if (value === null) return this.#byte(tags.null);
    this.#object(value as object);
  }

  #bigint(value: bigint): void {
    const negative = value < 0n;
    let rest = negative ? -value : value;
    const digits: bigint[] = [];
    for (; rest > 0n; rest >>= 64n) digits.push(rest & 0xffff_ffff_ffff_ffffn);
    this.#varint(digits.length * 8 * 2 + Number(negative));
    this.#room(digits.length * 8);
    for (const digit of digits) {
      this.#view.setBigUint64(this.#at, digit, true);
      this.#at += 8;
    }
  }

  #object(value: object): void {
    const known = (this.#known ??= new Map());
    const id = known.get(value);
    if (id !== undefined) {
      this.#byte(tags.reference);
      this.#varint(id);
      return;
    }
    // A view comes behind its buffer, which gets its number first.
    if (ArrayBuffer.isView(value)) {
      this.#object(value.buffer as ArrayBuffer);
      known.set(value, known.size);
      return this.#arrayView(value);
    }
    known.set(value, known.size);
    const proto = Object.getPrototypeOf(value) as object | null;
    if (Array.isArray(value)) return this.#array(value);
    if (proto === Object.prototype || proto === null) return this.#plain(value);
    this.#special(value);
  }

  #special(value: object): void {
    if (value instanceof Date) {
      this.#byte(tags.date);
      this.#double(value.getTime());
    } else if (value instanceof Map) {
      this.#byte(tags.map);
      for (const [k, v] of [...value]) {
        this.value(k);
        this.value(v);
      }
      this.#byte(tags.endMap);
      this.#varint(value.size * 2);
    } else if (value instanceof Set) {
      this.#byte(tags.set);
      for (const v of [...value]) this.value(v);
      this.#byte(tags.endSet);
      this.#varint(value.size);
    } else if (value instanceof ArrayBuffer) {
      this.#buffer(value);
    } else if (value instanceof RegExp) {
      this.#byte(tags.regexp);
      this.#text(value.source);
      this.#varint([..."gimyusdv"].reduce((bits, flag, n) => bits | (value.flags.includes(flag) ? flagBits[n]! : 0), 0));
    } else if (value instanceof Error) {
      this.#error(value);
    } else {
      this.#boxedOrOther(value);
    }
  }

  #boxedOrOther(value: object): void {
    const inner = unboxed(value);
    switch (typeof inner) {
      case "boolean":
        return this.#byte(inner ? tags.trueObject : tags.falseObject);
      case "number":
        this.#byte(tags.numberObject);
        return this.#double(inner);
      case "bigint":
        this.#byte(tags.bigintObject);
        return this.#bigint(inner);
      case "string":
        this.#byte(tags.stringObject);
        return this.#text(inner);
    }
    const name = Object.prototype.toString.call(value).slice(8, -1);
    if (platformObject(value, name)) {
      throw new DOMException(`Could not serialize object of type "${name}". This type does not support serialization.`, "DataCloneError");
    }
    if (uncloneable.has(name)) throw cannotClone(`#<${name}>`);
    this.#plain(value);
  }

  #plain(value: object): void {
    this.#byte(tags.object);
    let count = 0;
    for (const key of Object.keys(value)) {
      if (!Object.hasOwn(value, key)) continue;
      this.#key(key);
      this.value((value as Record<string, unknown>)[key]);
      count++;
    }
    this.#byte(tags.endObject);
    this.#varint(count);
  }

  // Keys that are array indices are written as numbers.
  #key(key: string): void {
    const n = Number(key);
    if (n >= 0 && n < 4294967295 && String(n >>> 0) === key) this.#number(n);
    else this.#text(key);
  }

  #array(array: unknown[]): void {
    const keys = Object.keys(array);
    const dense = keys.length >= array.length && array.every((_, n) => n in array);
    this.#byte(dense ? tags.denseArray : tags.sparseArray);
    this.#varint(array.length);
    if (dense) for (const item of array) this.value(item);
    let count = 0;
    for (const key of dense ? keys.slice(array.length) : keys) {
      this.#key(key);
      this.value((array as unknown as Record<string, unknown>)[key]);
      count++;
    }
    this.#byte(dense ? tags.endDenseArray : tags.endSparseArray);
    this.#varint(count);
    this.#varint(array.length);
  }

  #buffer(buffer: ArrayBuffer): void {
    if (buffer.detached) throw cannotClone("#<ArrayBuffer>");
    this.#byte(buffer.resizable ? tags.resizableArrayBuffer : tags.arrayBuffer);
    this.#varint(buffer.byteLength);
    if (buffer.resizable) this.#varint(buffer.maxByteLength);
    this.#raw(new Uint8Array(buffer));
  }

  #arrayView(view: ArrayBufferView): void {
    const name = Object.prototype.toString.call(view).slice(8, -1);
    this.#byte(tags.view);
    this.#byte(views.find(([, type]) => type === name)![0]);
    this.#varint(view.byteOffset);
    this.#varint(view.byteLength);
    this.#varint(0);
  }

  #error(error: Error): void {
    this.#byte(tags.error);
    const name = String(error.name);
    const type = errorTypes.find(([, known]) => known === name);
    if (type !== undefined) this.#byte(type[0]);
    const message = Object.getOwnPropertyDescriptor(error, "message");
    if (message !== undefined && "value" in message) {
      this.#byte(errorTags.message);
      this.#text(String(message.value));
    }
    if (Object.hasOwn(error, "cause")) {
      this.#byte(errorTags.cause);
      this.value(error.cause);
    }
    if (typeof error.stack === "string") {
      this.#byte(errorTags.stack);
      this.#text(error.stack);
    }
    this.#byte(errorTags.end);
  }
}

// V8's bits of the flags of a regular expression, in the order of "gimyusdv".
const flagBits = [1, 2, 4, 8, 16, 32, 128, 256];

const uncloneable = new Set(["Promise", "WeakMap", "WeakSet", "WeakRef", "Generator", "AsyncGenerator", "Proxy"]);

function unboxed(value: object): unknown {
  for (const type of [Boolean, Number, String, BigInt]) {
    if (value instanceof type) return value.valueOf();
  }
  return undefined;
}

// Objects of the platform's own classes have no serialized form; a program's classes have their own
// properties.
function platformObject(value: object, name: string): boolean {
  if (name === "Object" || uncloneable.has(name)) return false;
  const global = (globalThis as unknown as Record<string, { prototype?: unknown } | undefined>)[name];
  return global === undefined || (typeof global === "function" && value instanceof (global as unknown as new () => object));
}
