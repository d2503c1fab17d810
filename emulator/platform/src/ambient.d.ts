// The globals that the platform itself makes, for its own modules.

import type { Blob as BlobClass, File as FileClass } from "./blob/blob.ts";
import type { console as consoleObject } from "./console/index.ts";
import type { TextDecoder as TextDecoderClass, TextEncoder as TextEncoderClass } from "./encoding/text.ts";
import type { DOMException as DOMExceptionClass } from "./errors.ts";
import type { AbortController as AbortControllerClass, AbortSignal as AbortSignalClass } from "./events/abort.ts";
import type * as events from "./events/event.ts";
import type { Request as RequestClass } from "./http/request.ts";
import type { Response as ResponseClass } from "./http/response.ts";
import type { WebSocket as WebSocketClass } from "./sockets/websocket.ts";
import type { URLSearchParams as ParamsClass } from "./url/params.ts";
import type { URL as URLClass } from "./url/url.ts";

declare global {
  var console: typeof consoleObject;
  var DOMException: typeof DOMExceptionClass;
  type DOMException = DOMExceptionClass;
  var AbortController: typeof AbortControllerClass;
  var AbortSignal: typeof AbortSignalClass;
  type AbortSignal = AbortSignalClass;
  type Event = events.Event;
  var PromiseRejectionEvent: typeof events.PromiseRejectionEvent;
  var Blob: typeof BlobClass;
  type Blob = BlobClass;
  var File: typeof FileClass;
  type File = FileClass;
  var TextEncoder: typeof TextEncoderClass;
  var TextDecoder: typeof TextDecoderClass;
  type TextDecoder = TextDecoderClass;
  var URL: typeof URLClass;
  type URL = URLClass;
  var URLSearchParams: typeof ParamsClass;
  type URLSearchParams = ParamsClass;
  type Request = RequestClass;
  type Response = ResponseClass;
  type WebSocket = WebSocketClass;
  type RequestInfo = string | RequestClass;
  type RequestInit = object;
  interface ErrorConstructor {
    // The option `cause` is in the library's types for Error alone.
    new (message?: string, options?: { cause?: unknown }): Error;
  }

  function dispatchEvent(event: events.Event): boolean;
  function setTimeout(callback: (...args: never[]) => unknown, ms?: number, ...args: unknown[]): number;
  function setInterval(callback: (...args: never[]) => unknown, ms?: number, ...args: unknown[]): number;
  function setImmediate(callback: (...args: never[]) => unknown, ...args: unknown[]): number;
  function queueMicrotask(callback: () => unknown): void;
  function atob(text: string): string;
  function btoa(text: string): string;
  var scheduler: { wait(ms: number, options?: { signal?: AbortSignal }): Promise<void> };
  var performance: { now(): number };
  var crypto: { randomUUID(): string; getRandomValues(array: ArrayBufferView): ArrayBufferView };
}
