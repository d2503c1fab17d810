import { DOMException } from "../errors.ts";
import { type Bytes, host } from "../kernel.ts";
import { errorTags, errorTypes, formatVersion, tags, views } from "./tags.ts";

declare module "../kernel.ts" {
  interface Host {
    /** The string of one-byte characters. */
    "serialize.latin1"(bytes: Bytes): string;
    /** The string of two-byte characters, little-endian, with lone surrogates as they are. */
    "serialize.utf16"(bytes: Bytes): string;
  }
}

const shortText = 24;
const deepest = 2000;

const damaged = (): DOMException => new DOMException("Unable to deserialize cloned data.", "DataCloneError");

/** The value that bytes stand for; throws a DataCloneError for bytes that are damaged. */
export function deserialize(bytes: Bytes): unknown {
  const reader = new Reader(bytes instanceof Uint8Array ? bytes : new Uint8Array(bytes));
  reader.head();
  return reader.value();
}

class Reader {
  readonly #in: Uint8Array<ArrayBuffer>;
  readonly #view: DataView;
  #at = 0;
  #version = 13;
  #depth = 0;
  readonly #objects: object[] = [];

  constructor(bytes: Uint8Array<ArrayBuffer>) {
    this.#in = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  // Data without a head is of version 13.
  head(): void {
    if (this.#in[0] !== tags.version) return;
    this.#at = 1;
    this.#version = this.#varint();
    if (this.#version > formatVersion) throw damaged();
  }

  #byte(): number {
    if (this.#at >= this.#in.length) throw damaged();
    return this.#in[this.#at++]!;
  }

  #varint(): number {
    let n = 0;
    let unit = 1;
    for (;;) {
      const b = this.#byte();
      n += (b & 0x7f) * unit;
      if (b < 0x80) return n;
      unit *= 0x80;
      if (unit > 2 ** 35) throw damaged();
    }
  }

  #double(): number {
    if (this.#at + 8 > this.#in.length) throw damaged();
    const n = this.#view.getFloat64(this.#at, true);
    this.#at += 8;
    return n;
  }

  #take(n: number): Uint8Array<ArrayBuffer> {
    if (n > this.#in.length - this.#at) throw damaged();
    const part = this.#in.subarray(this.#at, this.#at + n);
    this.#at += n;
    return part;
  }

  #tag(): number {
    let tag = this.#byte();
    while (tag === tags.padding) tag = this.#byte();
    return tag;
  }

  #known<T extends object>(object: T): T {
    this.#objects.push(object);
    return object;
  }

  value(): unknown {
    const tag = this.#tag();
    switch (tag) {
      case tags.undefined:
      case tags.theHole:
        return undefined;
      case tags.null:
        return null;
      case tags.true:
        return true;
      case tags.false:
        return false;
      case tags.int32: {
        const n = this.#varint();
        return n % 2 === 0 ? n / 2 : -(n + 1) / 2;
      }
      case tags.uint32:
        return this.#varint();
      case tags.double:
        return this.#double();
      case tags.bigint:
        return this.#bigint();
      case tags.oneByte:
      case tags.twoByte:
      case tags.utf8:
        return this.#text(tag);
      case tags.reference: {
        const object = this.#objects[this.#varint()];
        if (object === undefined) throw damaged();
        return object;
      }
    }
    if (++this.#depth > deepest) throw damaged();
    const object = this.#object(tag);
    this.#depth--;
    // A view stands behind its buffer.
    if (object instanceof ArrayBuffer && this.#in[this.#at] === tags.view) {
      this.#at++;
      return this.#arrayView(object);
    }
    return object;
  }

  #text(tag: number): string {
    const n = this.#varint();
    const bytes = this.#take(n);
    if (tag === tags.utf8) return host["text.decode"](bytes, false);
    if (tag === tags.twoByte) {
      if (n % 2 === 1) throw damaged();
      return host["serialize.utf16"](bytes);
    }
    if (n > shortText) return host["serialize.latin1"](bytes);
    let text = "";
    for (let i = 0; i < n; i++) text += String.fromCharCode(bytes[i]!);
    return text;
  }

  #anyText(): string {
    const tag = this.#tag();
    if (tag !== tags.oneByte && tag !== tags.twoByte && tag !== tags.utf8) throw damaged();
    return this.#text(tag);
  }

  #bigint(): bigint {
    const bits = this.#varint();
    const bytes = this.#take((bits % 2 === 1 ? bits - 1 : bits) / 2);
    let n = 0n;
    for (let i = bytes.length - 1; i >= 0; i--) n = (n << 8n) | BigInt(bytes[i]!);
    return bits % 2 === 1 ? -n : n;
  }

  #object(tag: number): object {
    switch (tag) {
      case tags.object:
        return this.#properties(this.#known({}), tags.endObject, 0);
      case tags.denseArray:
        return this.#denseArray();
      case tags.sparseArray: {
        const array: unknown[] = [];
        const length = this.#varint();
        if (length > 2 ** 32 - 1) throw damaged();
        array.length = length;
        return this.#properties(this.#known(array), tags.endSparseArray, 1);
      }
      case tags.date:
        return this.#known(new Date(this.#double()));
      case tags.trueObject:
        return this.#known(Object(true) as object);
      case tags.falseObject:
        return this.#known(Object(false) as object);
      case tags.numberObject:
        return this.#known(Object(this.#double()) as object);
      case tags.bigintObject:
        return this.#known(Object(this.#bigint()) as object);
      case tags.stringObject:
        return this.#known(Object(this.#anyText()) as object);
      case tags.regexp:
        return this.#regexp();
      case tags.map:
        return this.#map();
      case tags.set:
        return this.#set();
      case tags.arrayBuffer:
        return this.#known(this.#take(this.#varint()).slice().buffer);
      case tags.resizableArrayBuffer: {
        const length = this.#varint();
        const most = this.#varint();
        if (length > most || most > 2 ** 31) throw damaged();
        const buffer = new ArrayBuffer(length, { maxByteLength: most });
        new Uint8Array(buffer).set(this.#take(length));
        return this.#known(buffer);
      }
      case tags.error:
        return this.#error();
    }
    throw damaged();
  }

  // Properties up to an end tag, behind which stands their number, and so many numbers more.
  #properties<T extends object>(target: T, end: number, more: number): T {
    for (let count = 0; ; count++) {
      if (this.#in[this.#at] === end) {
        this.#at++;
        if (this.#varint() !== count) throw damaged();
        for (let n = 0; n < more; n++) this.#varint();
        return target;
      }
      const key = this.value();
      if (typeof key !== "string" && typeof key !== "number") throw damaged();
      const value = this.value();
      if (key === "__proto__") {
        Object.defineProperty(target, key, { value, writable: true, enumerable: true, configurable: true });
      } else {
        (target as Record<string | number, unknown>)[key] = value;
      }
    }
  }

  #denseArray(): unknown[] {
    const length = this.#varint();
    if (length > this.#in.length - this.#at) throw damaged();
    const array = this.#known(new Array<unknown>(length));
    for (let n = 0; n < length; n++) {
      if (this.#in[this.#at] === tags.theHole) this.#at++;
      else array[n] = this.value();
    }
    return this.#properties(array, tags.endDenseArray, 1);
  }

  #regexp(): RegExp {
    const source = this.#anyText();
    const bits = this.#varint();
    const names: [number, string][] = [
      [1, "g"], [2, "i"], [4, "m"], [8, "y"], [16, "u"], [32, "s"], [128, "d"], [256, "v"],
    ];
    try {
      return this.#known(new RegExp(source, names.map(([bit, flag]) => (bits & bit ? flag : "")).join("")));
    } catch {
      throw damaged();
    }
  }

  #map(): Map<unknown, unknown> {
    const map = this.#known(new Map<unknown, unknown>());
    for (let count = 0; ; count += 2) {
      if (this.#in[this.#at] === tags.endMap) {
        this.#at++;
        if (this.#varint() !== count) throw damaged();
        return map;
      }
      map.set(this.value(), this.value());
    }
  }

  #set(): Set<unknown> {
    const set = this.#known(new Set<unknown>());
    for (let count = 0; ; count++) {
      if (this.#in[this.#at] === tags.endSet) {
        this.#at++;
        if (this.#varint() !== count) throw damaged();
        return set;
      }
      set.add(this.value());
    }
  }

  #arrayView(buffer: ArrayBuffer): object {
    const tag = this.#byte();
    const offset = this.#varint();
    const length = this.#varint();
    if (this.#version >= 14) this.#varint();
    const name = views.find(([known]) => known === tag)?.[1];
    if (name === undefined) throw damaged();
    const Type = (globalThis as unknown as Record<string, unknown>)[name] as {
      new (buffer: ArrayBuffer, offset: number, length: number): object;
      BYTES_PER_ELEMENT?: number;
    };
    const size = Type.BYTES_PER_ELEMENT ?? 1;
    if (offset % size !== 0 || length % size !== 0 || offset + length > buffer.byteLength) throw damaged();
    return this.#known(new Type(buffer, offset, length / size));
  }

  #error(): Error {
    // The error gets its number before its cause is read, which may point back to it.
    const slot = this.#objects.push({}) - 1;
    let name = "Error";
    let message: string | undefined;
    let stack: string | undefined;
    let cause: { value: unknown } | undefined;
    for (;;) {
      const tag = this.#byte();
      const type = errorTypes.find(([known]) => known === tag);
      if (type !== undefined) name = type[1];
      else if (tag === errorTags.message) message = this.#anyText();
      else if (tag === errorTags.stack) stack = this.#anyText();
      else if (tag === errorTags.cause) cause = { value: this.value() };
      else if (tag === errorTags.end) break;
      else throw damaged();
    }
    const Type = (globalThis as unknown as Record<string, unknown>)[name] as ErrorConstructor;
    const error = new Type();
    const hidden = (key: string, value: unknown): void => {
      Object.defineProperty(error, key, { value, writable: true, configurable: true });
    };
    if (message !== undefined) hidden("message", message);
    if (cause !== undefined) hidden("cause", cause.value);
    hidden("stack", stack);
    this.#objects[slot] = error;
    return error;
  }
}
