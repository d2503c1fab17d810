// The streams of web-streams-polyfill have the types of the web platform.

export declare const ReadableStream: {
  new <R = unknown>(source?: UnderlyingSource<R>, strategy?: object): ReadableStream<R>;
  readonly prototype: ReadableStream;
  from<R>(iterable: Iterable<R> | AsyncIterable<R>): ReadableStream<R>;
};
export declare const WritableStream: {
  new <W = unknown>(sink?: object, strategy?: object): WritableStream<W>;
  readonly prototype: WritableStream;
};
export declare const TransformStream: {
  new (transformer?: object, writable?: object, readable?: object): { readable: ReadableStream; writable: WritableStream };
  readonly prototype: object;
};
