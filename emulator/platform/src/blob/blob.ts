import { enumerable, tag } from "../globals.ts";
import { bytesOf, decodeText, encodeText } from "../encoding/text.ts";
import { setLength } from "../streams/identity.ts";
import { ReadableStream } from "../vendor/streams.js";

let dataOf: (blob: Blob) => Uint8Array<ArrayBuffer>;

const normalType = (type: unknown): string => {
  const text = `${(type ?? "") as string}`;
  return /[^\x20-\x7e]/.test(text) ? "" : text.toLowerCase();
};

/** https://developer.mozilla.org/docs/Web/API/Blob */
export class Blob {
  readonly #data: Uint8Array<ArrayBuffer>;
  readonly #type: string;

  static {
    dataOf = (blob) => blob.#data;
  }

  constructor(parts: Iterable<unknown> = [], options: { type?: string } = {}) {
    const chunks = [...parts].map((part) => {
      if (part instanceof Blob) return part.#data;
      if (part instanceof ArrayBuffer || ArrayBuffer.isView(part)) return bytesOf(part);
      return encodeText(`${part as string}`);
    });
    this.#data = concat(chunks);
    this.#type = normalType(options?.type);
  }

  get size(): number {
    return this.#data.byteLength;
  }
  get type(): string {
    return this.#type;
  }
  async arrayBuffer(): Promise<ArrayBuffer> {
    return this.#data.slice().buffer;
  }
  async bytes(): Promise<Uint8Array> {
    return this.#data.slice();
  }
  async text(): Promise<string> {
    return decodeText(this.#data);
  }
  slice(start = 0, end = this.size, type = ""): Blob {
    return new Blob([this.#data.slice(start, end)], { type });
  }
  stream(): ReadableStream<Uint8Array> {
    const data = this.#data;
    const stream = new ReadableStream<Uint8Array>({
      type: "bytes",
      pull(controller) {
        if (data.byteLength > 0) controller.enqueue(data.slice());
        controller.close();
      },
    });
    setLength(stream, data.byteLength);
    return stream;
  }
}
tag(Blob, "Blob");
enumerable(Blob, "size", "type", "arrayBuffer", "bytes", "text", "slice", "stream");

/** https://developer.mozilla.org/docs/Web/API/File */
export class File extends Blob {
  readonly #name: string;
  readonly #modified: number;
  constructor(parts: Iterable<unknown>, name: string, options: { type?: string; lastModified?: number } = {}) {
    super(parts, options);
    this.#name = `${name}`;
    this.#modified = options?.lastModified ?? Date.now();
  }
  get name(): string {
    return this.#name;
  }
  get lastModified(): number {
    return this.#modified;
  }
}
tag(File, "File");
enumerable(File, "name", "lastModified");

/** The bytes of a blob, without a copy: not to be changed. */
export const blobData = (blob: Blob): Uint8Array<ArrayBuffer> => dataOf(blob);

/** One array of several. */
export function concat(chunks: Uint8Array<ArrayBuffer>[]): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(chunks.reduce((n, c) => n + c.byteLength, 0));
  let at = 0;
  for (const chunk of chunks) {
    out.set(chunk, at);
    at += chunk.byteLength;
  }
  return out;
}
