import type { Bytes } from "../kernel.ts";
import { readHostObject } from "./hostreader.ts";
import { damaged, Input } from "./input.ts";
import type { IncomingReferences } from "./references.ts";
import { errorTags, errorTypes, formatVersion, regexpFlags, tags, viewFlags, views } from "./tags.ts";

// A resizable buffer reserves what it may grow to, which its bytes do not account for.
const mostReserved = 64 << 20;

/**
 * The value that bytes stand for, with what it holds by reference; throws a DataCloneError for bytes that
 * are damaged.
 */
export function deserialize(bytes: Bytes, references?: IncomingReferences, stubs?: (token: string) => object): unknown {
  const all = bytes instanceof Uint8Array ? bytes : new Uint8Array(bytes);
  let version = 13;
  let start = 0;
  // Data without a head is of version 13.
  if (all[0] === tags.version) {
    const head = new Input(all, 1);
    version = head.varint();
    start = head.position;
    if (version > formatVersion) throw damaged();
  }
  try {
    return new Reader(new Input(all, start), version >= 14, references, stubs).value();
  } catch (error) {
    // For some months V8 wrote the flags of version 14 under the number 13: https://crbug.com/1284506
    if (version !== 13) throw error;
    try {
      return new Reader(new Input(all, start), true).value();
    } catch {
      throw error;
    }
  }
}

/** Reads values; objects have numbers by which later parts refer to them. */
export class Reader {
  readonly in: Input;
  /** What the value holds by reference; undefined where it may not. */
  readonly references: IncomingReferences | undefined;
  /** Makes the stub of a token; undefined where stubs may not be. */
  readonly stubs: ((token: string) => object) | undefined;
  readonly #flags: boolean;
  readonly #objects: (object | undefined)[] = [];

  constructor(input: Input, viewsHaveFlags: boolean, references?: IncomingReferences, stubs?: (token: string) => object) {
    this.in = input;
    this.#flags = viewsHaveFlags;
    this.references = references;
    this.stubs = stubs;
  }

  #known<T extends object>(object: T): T {
    this.#objects.push(object);
    return object;
  }

  value(): unknown {
    const input = this.in;
    const tag = input.tag();
    switch (tag) {
      case tags.undefined:
        return undefined;
      case tags.null:
        return null;
      case tags.true:
        return true;
      case tags.false:
        return false;
      case tags.int32: {
        const n = input.varint();
        return n % 2 === 0 ? n / 2 : -(n + 1) / 2;
      }
      case tags.uint32:
        return input.varint();
      case tags.double:
        return input.double();
      case tags.bigint:
        return input.bigint();
      case tags.oneByte:
      case tags.twoByte:
      case tags.utf8:
        return input.text(tag);
      case tags.objectCount:
        input.varint();
        return this.value();
    }
    // The commonest are read with as few calls as can be: a value may be as deep as the stack.
    if (tag === tags.object) {
      const plain = this.#known({});
      if (this.#properties(plain, tags.endObject) !== input.varint()) throw damaged();
      return plain;
    }
    if (tag === tags.denseArray) return this.#denseArray();
    let object: object | undefined;
    if (tag === tags.reference) {
      object = this.#objects[input.varint()];
      if (object === undefined) throw damaged();
    } else {
      object = this.#object(tag);
    }
    // A view stands behind its buffer, or behind the reference to it.
    return object instanceof ArrayBuffer && input.passes(tags.view) ? this.#view(object) : object;
  }

  #object(tag: number): object {
    const input = this.in;
    switch (tag) {
      case tags.sparseArray: {
        const length = input.varint();
        const array = this.#known<unknown[]>([]);
        array.length = length;
        return this.#arrayEnd(array, length, tags.endSparseArray);
      }
      case tags.date:
        return this.#known(new Date(input.double()));
      case tags.trueObject:
        return this.#known(Object(true) as object);
      case tags.falseObject:
        return this.#known(Object(false) as object);
      case tags.numberObject:
        return this.#known(Object(input.double()) as object);
      case tags.bigintObject:
        return this.#known(Object(input.bigint()) as object);
      case tags.stringObject:
        return this.#known(Object(input.text(input.tag())) as object);
      case tags.regexp:
        return this.#regexp();
      case tags.map:
        return this.#map();
      case tags.set:
        return this.#set();
      case tags.arrayBuffer:
        return this.#known(input.take(input.varint()).slice().buffer);
      case tags.resizableArrayBuffer:
        return this.#resizable();
      case tags.error:
        return this.#error();
      case tags.hostObject: {
        const slot = this.#objects.push(undefined) - 1;
        return (this.#objects[slot] = readHostObject(this));
      }
    }
    throw damaged();
  }

  // Properties up to an end tag, behind which stands their number.
  #properties(target: object, end: number): number {
    for (let count = 0; ; count++) {
      if (this.in.passes(end)) return count;
      const key = this.value();
      if (typeof key !== "string" && typeof key !== "number") throw damaged();
      const value = this.value();
      if (key in target) {
        // What it has already is there twice; what it inherits must not be called, as __proto__ would be.
        if (Object.hasOwn(target, key)) throw damaged();
        Object.defineProperty(target, key, { value, writable: true, enumerable: true, configurable: true });
      } else {
        (target as Record<string | number, unknown>)[key] = value;
      }
    }
  }

  #denseArray(): unknown[] {
    const length = this.in.varint();
    const array = this.#known<unknown[]>([]);
    for (let n = 0; n < length; n++) {
      if (this.in.passes(tags.theHole)) array.length = n + 1;
      else array[n] = this.value();
    }
    return this.#arrayEnd(array, length, tags.endDenseArray);
  }

  #arrayEnd(array: unknown[], length: number, end: number): unknown[] {
    const count = this.#properties(array, end);
    if (this.in.varint() !== count || this.in.varint() !== length || array.length !== length) throw damaged();
    return array;
  }

  #regexp(): RegExp {
    const source = this.in.text(this.in.tag());
    let bits = this.in.varint();
    let letters = "";
    for (const [bit, letter] of regexpFlags) {
      if ((bits & bit) === 0) continue;
      letters += letter;
      bits -= bit;
    }
    if (bits !== 0) throw damaged();
    try {
      return this.#known(new RegExp(source, letters));
    } catch {
      throw damaged();
    }
  }

  #map(): Map<unknown, unknown> {
    const map = this.#known(new Map<unknown, unknown>());
    let count = 0;
    for (; !this.in.passes(tags.endMap); count += 2) map.set(this.value(), this.value());
    if (this.in.varint() !== count) throw damaged();
    return map;
  }

  #set(): Set<unknown> {
    const set = this.#known(new Set<unknown>());
    let count = 0;
    for (; !this.in.passes(tags.endSet); count++) set.add(this.value());
    if (this.in.varint() !== count) throw damaged();
    return set;
  }

  #resizable(): ArrayBuffer {
    const length = this.in.varint();
    const maxByteLength = this.in.varint();
    if (length > maxByteLength || maxByteLength > Math.max(mostReserved, 2 * length)) throw damaged();
    const bytes = this.in.take(length);
    const buffer = new ArrayBuffer(length, { maxByteLength });
    new Uint8Array(buffer).set(bytes);
    return this.#known(buffer);
  }

  #view(buffer: ArrayBuffer): object {
    const tag = this.in.byte();
    const offset = this.in.varint();
    const length = this.in.varint();
    const flags = this.#flags ? this.in.varint() : 0;
    const name = views.find(([known]) => known === tag)?.[1];
    if (name === undefined) throw damaged();
    const Type = (globalThis as unknown as Record<string, unknown>)[name] as {
      new (buffer: ArrayBuffer, offset: number, length?: number): object;
      BYTES_PER_ELEMENT?: number;
    };
    const size = Type.BYTES_PER_ELEMENT ?? 1;
    if (offset % size !== 0 || length % size !== 0 || offset + length > buffer.byteLength) throw damaged();
    // A view that follows its buffer's length is written with the length 0.
    const tracking = (flags & viewFlags.lengthTracking) !== 0;
    if (flags !== 0 && !buffer.resizable) throw damaged();
    return this.#known(tracking ? new Type(buffer, offset) : new Type(buffer, offset, length / size));
  }

  #error(): Error {
    // The error has its number before its cause is read, which may point back to it.
    const slot = this.#objects.push(undefined) - 1;
    let name = "Error";
    let error: Error | undefined;
    const made = (): Error => {
      if (error === undefined) {
        const Type = (globalThis as unknown as Record<string, unknown>)[name] as ErrorConstructor;
        this.#objects[slot] = error = new Type();
        hidden("stack", undefined);
      }
      return error;
    };
    const hidden = (key: string, value: unknown): void => {
      Object.defineProperty(made(), key, { value, writable: true, configurable: true });
    };
    for (;;) {
      const tag = this.in.byte();
      const type = errorTypes.find(([known]) => known === tag);
      if (type !== undefined && error === undefined) name = type[1];
      else if (tag === errorTags.message) hidden("message", this.in.text(this.in.tag()));
      else if (tag === errorTags.stack) hidden("stack", this.in.text(this.in.tag()));
      else if (tag === errorTags.cause) {
        made();
        hidden("cause", this.value());
      } else if (tag === errorTags.end) return made();
      else throw damaged();
    }
  }
}
