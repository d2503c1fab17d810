import { defineGlobals, noSupport, refuse, tag } from "../globals.ts";
import * as standard from "../vendor/streams.js";
import { encodeText } from "../encoding/text.ts";
import { FixedLengthStream, IdentityTransformStream } from "./identity.ts";

const { TransformStream } = standard;

type ReadableStream = standard.ReadableStream;
type WritableStream = standard.WritableStream;
type Transform = { readable: ReadableStream; writable: WritableStream };

/** https://developer.mozilla.org/docs/Web/API/TextEncoderStream */
class TextEncoderStream {
  readonly #transform: Transform;
  constructor() {
    let high = "";
    this.#transform = new TransformStream({
      transform(chunk: unknown, controller: { enqueue(bytes: Uint8Array): void }) {
        const text = high + `${chunk as string}`;
        high = /[\ud800-\udbff]$/.test(text) ? text.slice(-1) : "";
        const whole = high === "" ? text : text.slice(0, -1);
        if (whole !== "") controller.enqueue(encodeText(whole));
      },
      flush(controller: { enqueue(bytes: Uint8Array): void }) {
        if (high !== "") controller.enqueue(encodeText("\ufffd"));
      },
    }) as Transform;
  }
  get encoding(): string {
    return "utf-8";
  }
  get readable(): ReadableStream {
    return this.#transform.readable;
  }
  get writable(): WritableStream {
    return this.#transform.writable;
  }
}
tag(TextEncoderStream, "TextEncoderStream");

/** https://developer.mozilla.org/docs/Web/API/TextDecoderStream */
class TextDecoderStream {
  readonly #transform: Transform;
  readonly #decoder: TextDecoder;
  constructor(label = "utf-8", options: { fatal?: boolean; ignoreBOM?: boolean } = {}) {
    const decoder = (this.#decoder = new TextDecoder(label, options));
    this.#transform = new TransformStream({
      transform(chunk: Uint8Array, controller: { enqueue(text: string): void }) {
        const text = decoder.decode(chunk, { stream: true });
        if (text !== "") controller.enqueue(text);
      },
      flush(controller: { enqueue(text: string): void }) {
        const text = decoder.decode();
        if (text !== "") controller.enqueue(text);
      },
    }) as Transform;
  }
  get encoding(): string {
    return this.#decoder.encoding;
  }
  get fatal(): boolean {
    return this.#decoder.fatal;
  }
  get ignoreBOM(): boolean {
    return this.#decoder.ignoreBOM;
  }
  get readable(): ReadableStream {
    return this.#transform.readable;
  }
  get writable(): WritableStream {
    return this.#transform.writable;
  }
}
tag(TextDecoderStream, "TextDecoderStream");

for (const name of ["ReadableStream", "WritableStream"] as const) {
  refuse(standard[name], `${name} can only be serialized for RPC.`);
}
refuse(TransformStream, noSupport("TransformStream"));

defineGlobals({ ...standard, FixedLengthStream, IdentityTransformStream, TextDecoderStream, TextEncoderStream });
