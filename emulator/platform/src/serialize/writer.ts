import { Blob, File } from "../blob/blob.ts";
import { DOMException } from "../errors.ts";
import { flag } from "../flags.ts";
import { host } from "../kernel.ts";
import { kindOf } from "./classes.ts";
import { hostTypeOf } from "./hosttypes.ts";
import { writeBlob, writeDOMException, writeNativeError } from "./hostwriter.ts";
import { Output } from "./output.ts";
import type { OutgoingReferences } from "./references.ts";
import { errorTags, errorTypes, formatVersion, regexpFlags, tags, viewFlags, views } from "./tags.ts";
import { cannotClone, detached, refuseInstance, refusePlatformObject } from "./uncloneable.ts";

declare module "../kernel.ts" {
  interface Host {
    /** How a view lies on its buffer: 0 as made, 1 follows the buffer's length, 2 out of its bounds. */
    "serialize.view"(view: ArrayBufferView): number;
  }
}

/** Serializes a value; throws a DataCloneError for what has no serialized form. */
export function serialize(value: unknown): Uint8Array<ArrayBuffer> {
  const out = new Output();
  out.byte(tags.version);
  out.byte(formatVersion);
  new Writer(out).value(value);
  return out.bytes();
}

/** Serializes a value that may hold references; stops storing at a limit, but goes on counting. */
export function serializeWith(references: OutgoingReferences, limit: number, value: unknown): Output {
  const out = new Output(limit);
  out.byte(tags.version);
  out.byte(formatVersion);
  new Writer(out, references).value(value);
  return out;
}

/** Writes values, each object once. */
export class Writer {
  readonly out: Output;
  /** Takes what the value holds by reference; undefined where it may not. */
  readonly references: OutgoingReferences | undefined;
  #known: Map<object, number> | undefined;

  constructor(out: Output, references?: OutgoingReferences) {
    this.out = out;
    this.references = references;
  }

  value(value: unknown): void {
    const out = this.out;
    switch (typeof value) {
      case "number":
        return out.number(value);
      case "string":
        return out.text(value);
      case "boolean":
        return out.byte(value ? tags.true : tags.false);
      case "undefined":
        return out.byte(tags.undefined);
      case "bigint":
        out.byte(tags.bigint);
        return out.bigint(value);
      case "symbol":
        throw cannotClone(value);
      case "function":
        if (this.references !== undefined) return this.#object(value);
        refusePlatformObject(value);
        throw cannotClone(value);
    }
    if (value === null) return out.byte(tags.null);
    this.#object(value as object);
  }

  #object(value: object): void {
    const known = (this.#known ??= new Map());
    const id = known.get(value);
    if (id !== undefined) {
      this.out.byte(tags.reference);
      this.out.varint(id);
      return;
    }
    const kind = kindOf(value);
    // A view comes behind its buffer, which gets its number first.
    if (kind === "view") return this.#view(value as ArrayBufferView);
    known.set(value, known.size);
    if (kind === "plain") {
      const proto = Object.getPrototypeOf(value) as object | null;
      return proto === Object.prototype ? this.#plain(value) : this.#instance(value, proto);
    }
    if (kind === "array") return this.#array(value as unknown[]);
    if (this.references !== undefined && (kind === "proxy" || typeof value === "function")) {
      return this.references.write(this, value);
    }
    this.#special(value, kind);
  }

  // Objects of the platform's classes have forms of their own. Those of a program's classes are stored
  // like plain objects, and refused where they would cross to another isolate.
  #instance(value: object, proto: object | null): void {
    if (proto !== null) {
      if (value instanceof Blob && !(value instanceof File)) return writeBlob(this, value);
      const type = hostTypeOf(value);
      const crosses = this.references !== undefined && !this.references.tokens;
      if (type !== undefined && (crosses || !type.byReference)) {
        this.out.byte(tags.hostObject);
        this.out.varint(type.tag);
        return type.write(this, value);
      }
      refusePlatformObject(value);
    }
    if (this.references !== undefined && !this.references.tokens) throw refuseInstance(value);
    this.#plain(value);
  }

  #special(value: object, kind: string): void {
    const out = this.out;
    switch (kind) {
      case "date":
        out.byte(tags.date);
        return out.double(Date.prototype.getTime.call(value));
      case "map":
        return this.#map(value as Map<unknown, unknown>);
      case "set":
        return this.#set(value as Set<unknown>);
      case "buffer":
        return this.#buffer(value as ArrayBuffer);
      case "regexp":
        return this.#regexp(value as RegExp);
      case "boxed":
        return this.#boxed(value);
      case "error":
        if (value instanceof DOMException) return writeDOMException(this, value);
        return flag("enhanced_error_serialization") ? writeNativeError(this, value as Error) : this.#error(value as Error);
    }
    refusePlatformObject(value);
    throw cannotClone(value, kind);
  }

  #plain(value: object): void {
    this.out.byte(tags.object);
    const count = this.#properties(value, Object.keys(value));
    this.out.byte(tags.endObject);
    this.out.varint(count);
  }

  // A getter may take away properties behind its own: those are left out.
  #properties(value: object, keys: string[]): number {
    let count = 0;
    for (const key of keys) {
      if (count > 0 && !Object.hasOwn(value, key)) continue;
      this.#key(key);
      this.value((value as Record<string, unknown>)[key]);
      count++;
    }
    return count;
  }

  // Keys that are array indices are written as numbers.
  #key(key: string): void {
    const first = key.charCodeAt(0);
    if (first >= 0x30 && first <= 0x39) {
      const n = Number(key);
      if (n < 4294967295 && String(n >>> 0) === key) return this.out.number(n);
    }
    this.out.text(key);
  }

  #array(array: unknown[]): void {
    const out = this.out;
    const length = array.length;
    const keys = Object.keys(array);
    // Indices come first, so that an array without holes has its last one at this place.
    const dense = length === 0 || keys[length - 1] === String(length - 1);
    out.byte(dense ? tags.denseArray : tags.sparseArray);
    out.varint(length);
    if (dense) {
      for (let n = 0; n < length; n++) {
        if (n < array.length && Object.hasOwn(array, n)) this.value(array[n]);
        else out.byte(tags.theHole);
      }
    }
    const count = this.#properties(array, dense ? keys.slice(length) : keys);
    out.byte(dense ? tags.endDenseArray : tags.endSparseArray);
    out.varint(count);
    out.varint(length);
  }

  #map(map: Map<unknown, unknown>): void {
    const entries: unknown[] = [];
    Map.prototype.forEach.call(map, (v, k) => entries.push(k, v));
    this.out.byte(tags.map);
    for (const item of entries) this.value(item);
    this.out.byte(tags.endMap);
    this.out.varint(entries.length);
  }

  #set(set: Set<unknown>): void {
    const items: unknown[] = [];
    Set.prototype.forEach.call(set, (v) => items.push(v));
    this.out.byte(tags.set);
    for (const item of items) this.value(item);
    this.out.byte(tags.endSet);
    this.out.varint(items.length);
  }

  #regexp(regexp: RegExp): void {
    this.out.byte(tags.regexp);
    this.out.text(regexp.source);
    this.out.varint(regexpFlags.reduce((bits, [bit, letter]) => bits | (regexp.flags.includes(letter) ? bit : 0), 0));
  }

  #boxed(value: object): void {
    const out = this.out;
    const inner = unboxed(value);
    switch (typeof inner) {
      case "boolean":
        return out.byte(inner ? tags.trueObject : tags.falseObject);
      case "number":
        out.byte(tags.numberObject);
        return out.double(inner);
      case "bigint":
        out.byte(tags.bigintObject);
        return out.bigint(inner);
      default:
        out.byte(tags.stringObject);
        out.text(inner as string);
    }
  }

  #buffer(buffer: ArrayBuffer): void {
    if (buffer.detached) throw detached();
    this.out.byte(buffer.resizable ? tags.resizableArrayBuffer : tags.arrayBuffer);
    this.out.varint(buffer.byteLength);
    if (buffer.resizable) this.out.varint(buffer.maxByteLength);
    this.out.raw(new Uint8Array(buffer));
  }

  #view(view: ArrayBufferView): void {
    const out = this.out;
    const parts = typeName.call(view) === undefined ? dataView : typedArray;
    const buffer = parts.buffer.call(view) as ArrayBuffer;
    this.#object(buffer);
    this.#known!.set(view, this.#known!.size);
    const state = host["serialize.view"](view);
    if (state === 2) throw cannotClone(view);
    out.byte(tags.view);
    out.byte(viewTag(view));
    out.varint(parts.byteOffset.call(view) as number);
    out.varint(state === 1 ? 0 : (parts.byteLength.call(view) as number));
    out.varint((state === 1 ? viewFlags.lengthTracking : 0) | (buffer.resizable ? viewFlags.onResizable : 0));
  }

  #error(error: Error): void {
    const out = this.out;
    out.byte(tags.error);
    const name = String(error.name);
    const type = errorTypes.find(([, known]) => known === name);
    if (type !== undefined) out.byte(type[0]);
    const message = Object.getOwnPropertyDescriptor(error, "message");
    if (message !== undefined && "value" in message) {
      out.byte(errorTags.message);
      out.text(String(message.value));
    }
    const cause = Object.getOwnPropertyDescriptor(error, "cause");
    const stack: unknown = error.stack;
    if (typeof stack === "string") {
      out.byte(errorTags.stack);
      out.text(stack);
    }
    if (cause !== undefined && "value" in cause) {
      out.byte(errorTags.cause);
      this.value(cause.value);
    }
    out.byte(errorTags.end);
  }
}

// A view's own parts, whatever its prototype is.
const getter = (proto: object, key: PropertyKey): (() => unknown) => Object.getOwnPropertyDescriptor(proto, key)!.get!;
const partsOf = (proto: object) => ({
  buffer: getter(proto, "buffer"), byteOffset: getter(proto, "byteOffset"), byteLength: getter(proto, "byteLength"),
});
const typedArrayPrototype = Object.getPrototypeOf(Uint8Array.prototype) as object;
const typedArray = partsOf(typedArrayPrototype);
const dataView = partsOf(DataView.prototype);
const typeName = getter(typedArrayPrototype, Symbol.toStringTag);

// The name of a typed array's own kind; a DataView has none.
function viewTag(view: ArrayBufferView): number {
  const name = (typeName.call(view) as string | undefined) ?? "DataView";
  return views.find(([, type]) => type === name)![0];
}

const unboxings = [Boolean, Number, BigInt, String].map((type) => type.prototype.valueOf as () => unknown);

function unboxed(value: object): unknown {
  for (const valueOf of unboxings) {
    try {
      return valueOf.call(value);
    } catch {
      // It holds another kind.
    }
  }
  return undefined;
}
