import { DOMException } from "../errors.ts";
import { type Bytes, host } from "../kernel.ts";
import { tags } from "./tags.ts";

declare module "../kernel.ts" {
  interface Host {
    /** The string of one-byte characters. */
    "serialize.latin1"(bytes: Bytes): string;
    /** The string of two-byte characters, little-endian, with lone surrogates as they are. */
    "serialize.utf16"(bytes: Bytes): string;
  }
}

const shortText = 24;

/** The error for bytes that are no value. */
export const damaged = (why = "Unable to deserialize cloned data."): DOMException => new DOMException(why, "DataCloneError");

/** Bytes that are read one part after the other; every part that is not there is an error. */
export class Input {
  readonly #in: Uint8Array<ArrayBuffer>;
  readonly #view: DataView;
  #at: number;

  constructor(bytes: Uint8Array<ArrayBuffer>, at = 0) {
    this.#in = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#at = at;
  }

  get position(): number {
    return this.#at;
  }

  byte(): number {
    if (this.#at >= this.#in.length) throw damaged();
    return this.#in[this.#at++]!;
  }

  varint(): number {
    let n = this.byte();
    if (n < 0x80) return n;
    n -= 0x80;
    for (let unit = 0x80; ; unit *= 0x80) {
      const b = this.byte();
      n += (b & 0x7f) * unit;
      // The numbers have 32 bits.
      if (b < 0x80) return n % 2 ** 32;
      if (unit === 2 ** 28) throw damaged();
    }
  }

  double(): number {
    if (this.#at + 8 > this.#in.length) throw damaged();
    const n = this.#view.getFloat64(this.#at, true);
    this.#at += 8;
    return n;
  }

  take(n: number): Uint8Array<ArrayBuffer> {
    if (n > this.#in.length - this.#at) throw damaged();
    const part = this.#in.subarray(this.#at, this.#at + n);
    this.#at += n;
    return part;
  }

  tag(): number {
    let tag = this.byte();
    while (tag === tags.padding) tag = this.byte();
    return tag;
  }

  /** Passes a tag if it is the next. */
  passes(tag: number): boolean {
    let at = this.#at;
    while (this.#in[at] === tags.padding) at++;
    if (this.#in[at] !== tag) return false;
    this.#at = at + 1;
    return true;
  }

  /** The characters behind a string's tag. */
  text(tag: number): string {
    if (tag !== tags.oneByte && tag !== tags.twoByte && tag !== tags.utf8) throw damaged();
    const n = this.varint();
    const bytes = this.take(n);
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

  bigint(): bigint {
    const bits = this.varint();
    const bytes = this.take((bits % 2 === 1 ? bits - 1 : bits) / 2);
    if (bytes.length === 0) return 0n;
    // By hexadecimal text, whose reading takes time that grows with its length and not its square.
    const digits: string[] = ["0x"];
    for (let i = bytes.length - 1; i >= 0; i--) digits.push(bytes[i]!.toString(16).padStart(2, "0"));
    let n: bigint;
    try {
      n = BigInt(digits.join(""));
    } catch {
      // V8 has longer ones than this engine.
      throw damaged();
    }
    return bits % 2 === 1 ? -n : n;
  }
}
