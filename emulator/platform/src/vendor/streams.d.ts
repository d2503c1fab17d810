// The streams of web-streams-polyfill, as far as the platform uses them.

interface Reader<R> {
  read(): Promise<{ done: boolean; value: R }>;
  cancel(reason?: unknown): Promise<void>;
}

interface Controller<R> {
  enqueue(chunk: R): void;
  close(): void;
  error(reason: unknown): void;
  readonly byobRequest: { respond(bytes: number): void } | null;
}

interface Source<R> {
  type?: "bytes";
  start?(controller: Controller<R>): unknown;
  pull?(controller: Controller<R>): unknown;
  cancel?(reason: unknown): unknown;
}

export declare class ReadableStream<R = unknown> {
  constructor(source?: Source<R>, strategy?: object);
  static from<T>(iterable: Iterable<T> | AsyncIterable<T>): ReadableStream<T>;
  readonly locked: boolean;
  getReader(): Reader<R>;
  tee(): [ReadableStream<R>, ReadableStream<R>];
  cancel(reason?: unknown): Promise<void>;
}

interface StreamWriter<W> {
  write(chunk: W): Promise<void>;
  close(): Promise<void>;
  abort(reason?: unknown): Promise<void>;
}

export declare class WritableStream<W = unknown> {
  constructor(sink?: object, strategy?: object);
  readonly locked: boolean;
  getWriter(): StreamWriter<W>;
  declare readonly chunk: W;
}

export declare class TransformStream {
  constructor(transformer?: object, writable?: object, readable?: object);
  readonly readable: ReadableStream;
  readonly writable: WritableStream;
}
