import { Blob, blobData, concat } from "../blob/blob.ts";
import { bytesOf, decodeText, encodeText } from "../encoding/text.ts";
import { host } from "../kernel.ts";
import { knownLength, setLength } from "../streams/identity.ts";
import { ReadableStream } from "../vendor/streams.js";
import { FormData, encodeForm, parseForm } from "./form.ts";
import type { WireBody } from "./host.ts";
import { pump } from "./pump.ts";

// Bodies in Go whose JavaScript side was dropped are let go of. The source stands for the registration: the
// engine holds on to what does, and it must not be the body itself.
const dropped = new FinalizationRegistry<number>((body) => host["body.cancel"](body));

const usedError = (): TypeError =>
  new TypeError("Body has already been used. It can only be used once. Use tee() first if you need to read it twice.");

/** What says that a stream cannot be a body any more. */
export const disturbedError = (): TypeError =>
  new TypeError("This ReadableStream is disturbed (has already been read from), and cannot be used as a body.");

type Source =
  | { kind: "text"; text: string }
  | { kind: "bytes"; bytes: Uint8Array<ArrayBuffer> }
  | { kind: "host"; number: number; ties: Ties | undefined }
  | { kind: "stream"; stream: ReadableStream };

/** What ends the body of an answer beside its sender: the signal of the request. */
export interface Ties {
  signal: AbortSignal;
  /** Is called when the body is over: the signal means nothing to it any more. */
  over(): void;
}

/** The result of reading from a body that may be ended by a signal, whose reason is then the error. */
async function read<T>(ties: Ties | undefined, work: () => T | Promise<T>, isEnd: (result: T) => boolean): Promise<T> {
  if (ties === undefined) return work();
  try {
    ties.signal.throwIfAborted();
    const result = await work();
    if (isEnd(result)) ties.over();
    return result;
  } catch (error) {
    ties.over();
    throw ties.signal.aborted ? ties.signal.reason : error;
  }
}

const always = (): boolean => true;

/** The content of a Request or Response. It becomes a stream only when a program asks for one. */
export class Body {
  #source: Source | undefined;
  #used = false;
  /** The Content-Type that the content itself suggests. */
  readonly type: string | undefined;

  private constructor(source: Source, type?: string) {
    this.#source = source;
    this.type = type;
    if (source.kind === "host") dropped.register(this, source.number, source);
  }

  /** The body that a program gives. */
  static from(init: unknown): Body | null {
    if (init === null || init === undefined) return null;
    if (typeof init === "string") return new Body({ kind: "text", text: init }, "text/plain;charset=UTF-8");
    if (init instanceof ReadableStream) {
      if (disturbed(init)) throw disturbedError();
      if (init.locked) throw new TypeError("This ReadableStream is currently locked to a reader.");
      return new Body({ kind: "stream", stream: init });
    }
    if (init instanceof ArrayBuffer || ArrayBuffer.isView(init)) {
      return new Body({ kind: "bytes", bytes: bytesOf(init).slice() });
    }
    if (init instanceof Blob) return new Body({ kind: "bytes", bytes: blobData(init) }, init.type === "" ? undefined : init.type);
    if (init instanceof URLSearchParams) {
      return new Body({ kind: "text", text: init.toString() }, "application/x-www-form-urlencoded;charset=UTF-8");
    }
    if (init instanceof FormData) {
      const { bytes, type } = encodeForm(init);
      return new Body({ kind: "bytes", bytes }, type);
    }
    if (typeof init === "object" && (Symbol.asyncIterator in init || Symbol.iterator in init)) {
      return new Body({ kind: "stream", stream: ReadableStream.from(init as Iterable<unknown>) });
    }
    return new Body({ kind: "text", text: `${init as string}` }, "text/plain;charset=UTF-8");
  }

  /** The body that Go delivered. */
  static fromWire(wire: WireBody, ties?: Ties): Body | null {
    if (wire === undefined) return null;
    if (typeof wire === "number") return new Body({ kind: "host", number: wire, ties });
    if (typeof wire === "string") return new Body({ kind: "text", text: wire });
    return new Body({ kind: "bytes", bytes: bytesOf(wire) });
  }

  /** What is left of a body whose content went to another request: it counts as used. */
  static moved(body: Body): Body {
    const rest = new Body({ kind: "text", text: "" }, body.type);
    rest.#used = true;
    return rest;
  }

  get used(): boolean {
    if (this.#used) return true;
    return this.#source?.kind === "stream" && disturbed(this.#source.stream);
  }

  /** The stream of the content; from now on it is one. */
  stream(): ReadableStream {
    const source = this.#source!;
    if (source.kind === "stream") return source.stream;
    let stream: ReadableStream;
    if (source.kind === "host") {
      dropped.unregister(source);
      stream = hostStream(source.number, source.ties);
    } else {
      stream = new Blob([source.kind === "text" ? source.text : source.bytes]).stream();
      behind.set(stream, source);
    }
    // Whoever has read it to its end still holds it.
    if (this.#used) void stream.getReader().cancel();
    this.#source = { kind: "stream", stream };
    return stream;
  }

  #take(): Source {
    if (this.used) throw usedError();
    const source = this.#source!;
    if (source.kind === "stream" && source.stream.locked) throw new TypeError("This ReadableStream is currently locked to a reader.");
    this.#used = true;
    if (source.kind === "host") dropped.unregister(source);
    return source;
  }

  async bytes(): Promise<Uint8Array<ArrayBuffer>> {
    const source = this.#take();
    switch (source.kind) {
      case "text":
        return encodeText(source.text);
      case "bytes":
        return source.bytes.slice();
      case "host":
        return new Uint8Array(await read(source.ties, () => host["body.take"](source.number) ?? host["body.all"](source.number), always));
      case "stream":
        return concat(await chunks(source.stream));
    }
  }

  async text(): Promise<string> {
    const source = this.#take();
    switch (source.kind) {
      case "text":
        return decoded(source.text);
      case "bytes":
        return decodeText(source.bytes);
      case "host":
        return read(
          source.ties,
          () => host["body.takeText"](source.number) ?? host["body.all"](source.number).then(decodeText),
          always,
        );
      case "stream":
        return decodeText(concat(await chunks(source.stream)));
    }
  }

  async form(contentType: string | null): Promise<FormData> {
    return parseForm(await this.bytes(), contentType);
  }

  /** Gives the content to Go: at once, or by a pump that goes on. The body is used up. */
  wire(): WireBody {
    const taken = this.#take();
    const source = taken.kind === "stream" ? (unwrapped(taken.stream) ?? taken) : taken;
    switch (source.kind) {
      case "text":
        return source.text;
      case "bytes":
        return source.bytes;
      case "host":
        return source.number;
      case "stream":
        return pump(source.stream, knownLength(source.stream));
    }
  }

  /** Two bodies of one: this one goes on, and another has the same content. */
  tee(): Body {
    if (this.used) throw usedError();
    const source = this.#source!;
    if (source.kind === "text" || source.kind === "bytes") return new Body(source, this.type);
    if (source.kind === "host") {
      const copy = host["body.copy"](source.number);
      if (copy !== undefined) return new Body({ kind: "host", number: copy, ties: source.ties }, this.type);
    }
    const length = source.kind === "host" ? host["body.length"](source.number) : -1;
    const [mine, other] = this.stream().tee();
    if (length >= 0) for (const half of [mine, other]) setLength(half, length);
    this.#source = { kind: "stream", stream: mine };
    return new Body({ kind: "stream", stream: other }, this.type);
  }
}

// web-streams-polyfill keeps the flag of the standard's [[disturbed]] slot under this name.
type Disturbed = ReadableStream & { _disturbed?: boolean };

const disturbed = (stream: Disturbed): boolean => Boolean(stream._disturbed);

// What streams give that are made of it.
const behind = new WeakMap<ReadableStream, Source>();

/**
 * The stream of a body that Go holds. `cancel` tells its sender why nobody reads on; without it the sender learns only
 * that.
 */
export function hostStream(number: number, ties?: Ties, cancel = (body: number, _reason: unknown): void => host["body.cancel"](body)): ReadableStream {
  const stream = new ReadableStream<Uint8Array>({
    type: "bytes",
    async pull(controller) {
      let chunk: ArrayBuffer | null;
      do {
        chunk = await read(ties, () => host["body.read"](number), (bytes) => bytes === null);
      } while (chunk?.byteLength === 0); // a stream of bytes has no empty chunks
      if (chunk !== null) {
        controller.enqueue(new Uint8Array(chunk));
        return;
      }
      controller.close();
      controller.byobRequest?.respond(0);
    },
    cancel(reason) {
      ties?.over();
      cancel(number, reason);
    },
  });
  const source: Source = { kind: "host", number, ties };
  behind.set(stream, source);
  dropped.register(stream, number, source);
  return stream;
}

// What is behind a stream that nobody has read from: whoever has that needs no stream. From then on the stream counts as
// read. It is undefined for streams that a program made.
function unwrapped(stream: Disturbed): Source | undefined {
  const source = behind.get(stream);
  if (source === undefined || stream.locked || disturbed(stream)) return undefined;
  behind.delete(stream);
  dropped.unregister(source);
  stream.getReader();
  stream._disturbed = true;
  return source;
}

/** The number of a body that gives what a stream gives; `gone` is what its reader gets when it ends with an error. */
export function streamBody(stream: ReadableStream, gone: string, reasonOf: (bytes: ArrayBuffer | undefined) => unknown): number {
  if (behind.get(stream)?.kind === "host") {
    const source = unwrapped(stream);
    if (source?.kind === "host") return source.number;
  }
  return pump(stream, knownLength(stream), gone, reasonOf);
}

// What is left of a text that was encoded and decoded.
const decoded = (text: string): string => (text.startsWith("\ufeff") ? text.slice(1) : text).toWellFormed();

async function chunks(stream: ReadableStream): Promise<Uint8Array<ArrayBuffer>[]> {
  const out: Uint8Array<ArrayBuffer>[] = [];
  const reader = stream.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return out;
    if (value instanceof ArrayBuffer || ArrayBuffer.isView(value)) out.push(bytesOf(value));
    else throw new TypeError("This ReadableStream did not return bytes.");
  }
}
