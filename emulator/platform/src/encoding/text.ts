import { enumerable, tag } from "../globals.ts";
import { type Bytes, host } from "../kernel.ts";

declare module "../kernel.ts" {
  interface Host {
    /** UTF-8 of a string; lone surrogates become U+FFFD. */
    "text.encode"(text: string): ArrayBuffer;
    /** The string of UTF-8, with U+FFFD for what is none; fatal throws instead. */
    "text.decode"(bytes: Bytes, fatal: boolean): string;
    /** The name of the encoding that a label stands for, or undefined. */
    "text.label"(label: string): string | undefined;
    /** Opens a decoder that keeps state between chunks. */
    "text.open"(encoding: string, fatal: boolean, ignoreBOM: boolean): number;
    "text.chunk"(decoder: number, bytes: Bytes, last: boolean): string;
    "text.close"(decoder: number): void;
    "base64.encode"(text: string): string | undefined;
    "base64.decode"(text: string): string | undefined;
  }
}

/** The bytes of a BufferSource. */
export function bytesOf(source: unknown): Uint8Array<ArrayBuffer> {
  if (source instanceof Uint8Array) return source as Uint8Array<ArrayBuffer>;
  if (ArrayBuffer.isView(source)) {
    return new Uint8Array(source.buffer as ArrayBuffer, source.byteOffset, source.byteLength);
  }
  return new Uint8Array(source as ArrayBuffer);
}

/** UTF-8 of a string. */
export const encodeText = (text: string): Uint8Array<ArrayBuffer> => new Uint8Array(host["text.encode"](text));

/** The string of UTF-8 bytes, without a byte order mark. */
export function decodeText(bytes: Bytes): string {
  const text = host["text.decode"](bytes, false);
  return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
}

/** https://developer.mozilla.org/docs/Web/API/TextEncoder */
export class TextEncoder {
  get encoding(): string {
    return "utf-8";
  }
  encode(text = ""): Uint8Array<ArrayBuffer> {
    return encodeText(`${text}`);
  }
  encodeInto(text: string, into: Uint8Array): { read: number; written: number } {
    let read = 0;
    let written = 0;
    for (const char of `${text}`) {
      const code = char.codePointAt(0)!;
      const size = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
      if (written + size > into.length) break;
      into.set(encodeText(char), written);
      read += char.length;
      written += size;
    }
    return { read, written };
  }
}
tag(TextEncoder, "TextEncoder");
enumerable(TextEncoder, "encoding", "encode", "encodeInto");

// Decoders that a program dropped in the middle of a stream are closed when they are collected.
const dropped = new FinalizationRegistry<number>((decoder) => host["text.close"](decoder));

/** https://developer.mozilla.org/docs/Web/API/TextDecoder */
export class TextDecoder {
  readonly #encoding: string;
  readonly #fatal: boolean;
  readonly #ignoreBOM: boolean;
  #open = 0;
  // The engine holds on to what stands for a registration: it must not be the decoder itself.
  readonly #registration = {};

  constructor(label = "utf-8", options: { fatal?: boolean; ignoreBOM?: boolean } = {}) {
    const encoding = host["text.label"](`${label}`);
    if (encoding === undefined) throw new RangeError(`"${label}" is not a valid encoding.`);
    this.#encoding = encoding;
    this.#fatal = Boolean(options?.fatal);
    this.#ignoreBOM = Boolean(options?.ignoreBOM);
  }

  get encoding(): string {
    return this.#encoding;
  }
  get fatal(): boolean {
    return this.#fatal;
  }
  get ignoreBOM(): boolean {
    return this.#ignoreBOM;
  }

  decode(input?: ArrayBuffer | ArrayBufferView, options?: { stream?: boolean }): string {
    const bytes = input === undefined ? new Uint8Array(0) : bytesOf(input);
    if (this.#open === 0 && !options?.stream && this.#encoding === "utf-8") {
      const text = host["text.decode"](bytes, this.#fatal);
      return !this.#ignoreBOM && text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
    }
    if (this.#open === 0) {
      this.#open = host["text.open"](this.#encoding, this.#fatal, this.#ignoreBOM);
      dropped.register(this, this.#open, this.#registration);
    }
    const decoder = this.#open;
    if (!options?.stream) {
      this.#open = 0;
      dropped.unregister(this.#registration);
    }
    return host["text.chunk"](decoder, bytes, !options?.stream);
  }
}
tag(TextDecoder, "TextDecoder");
enumerable(TextDecoder, "encoding", "fatal", "ignoreBOM", "decode");
