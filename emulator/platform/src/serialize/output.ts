import { host } from "../kernel.ts";
import { tags } from "./tags.ts";

declare module "../kernel.ts" {
  interface Host {
    /** A string as the format writes it: tag, length and characters. */
    "serialize.text"(text: string): ArrayBuffer;
  }
}

// Strings longer than this are encoded by Go.
const shortText = 48;

/** Bytes that grow, and the parts that every value is made of. */
export class Output {
  #out = new Uint8Array(128);
  #view = new DataView(this.#out.buffer);
  #at = 0;
  readonly #limit: number;
  // How many bytes were forgotten: behind the limit only their number is of interest.
  #past = 0;

  constructor(limit = Infinity) {
    this.#limit = limit;
  }

  /** How many bytes were written. */
  get size(): number {
    return this.#past + this.#at;
  }

  bytes(): Uint8Array<ArrayBuffer> {
    return this.#out.slice(0, this.#at);
  }

  /** The bytes in place, valid until more are written. */
  view(): Uint8Array<ArrayBuffer> {
    return this.#out.subarray(0, this.#at);
  }

  #room(n: number): void {
    if (this.#at + n <= this.#out.length) return;
    if (this.#past > 0 || this.#at + n > this.#limit) {
      this.#past += this.#at;
      this.#at = 0;
      if (n <= this.#out.length) return;
    }
    const out = new Uint8Array(Math.max(this.#out.length * 2, this.#at + n));
    out.set(this.#out);
    this.#out = out;
    this.#view = new DataView(out.buffer);
  }

  byte(b: number): void {
    if (this.#at === this.#out.length) this.#room(1);
    this.#out[this.#at++] = b;
  }

  varint(n: number): void {
    while (n >= 0x80) {
      this.byte((n % 0x80) | 0x80);
      n = Math.floor(n / 0x80);
    }
    this.byte(n);
  }

  double(n: number): void {
    this.#room(8);
    this.#view.setFloat64(this.#at, n, true);
    this.#at += 8;
  }

  raw(bytes: Uint8Array): void {
    if (this.size + bytes.byteLength > this.#limit) {
      this.#past += bytes.byteLength;
      return;
    }
    this.#room(bytes.byteLength);
    this.#out.set(bytes, this.#at);
    this.#at += bytes.byteLength;
  }

  number(n: number): void {
    // V8's small integers, as they are where it compresses pointers: 31 bits.
    if (Number.isInteger(n) && n >= -0x40000000 && n < 0x40000000 && !Object.is(n, -0)) {
      this.byte(tags.int32);
      this.varint(n >= 0 ? n * 2 : -n * 2 - 1);
      return;
    }
    this.byte(tags.double);
    this.double(n);
  }

  text(text: string): void {
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
      if ((this.#at + head + 1) % 2 === 1) this.byte(tags.padding);
    }
    this.raw(bytes);
  }

  /** The sign and number of bytes, then 64-bit digits, the lowest first. */
  bigint(value: bigint): void {
    // Digits come from hexadecimal text, in time that grows with their number and not its square.
    const hex = (value < 0n ? -value : value).toString(16);
    const digits = value === 0n ? 0 : Math.ceil(hex.length / 16);
    this.varint(digits * 8 * 2 + Number(value < 0n));
    this.#room(digits * 8);
    for (let end = hex.length, n = 0; n < digits; n++, end -= 16) {
      this.#view.setBigUint64(this.#at, BigInt(`0x${hex.slice(Math.max(0, end - 16), end)}`), true);
      this.#at += 8;
    }
  }
}
