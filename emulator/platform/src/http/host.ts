// What Go offers for HTTP, and what it delivers. Each op stands in platform/*.go.

import type { Bytes } from "../kernel.ts";

/** A body as it crosses: none, its content, or the number of a body that Go holds. */
export type WireBody = undefined | string | Bytes | number;

declare module "../kernel.ts" {
  interface Host {
    /**
     * Sends a request by a fetcher; 0 is the global fetch. The result is an encoded head: see fetch.ts. It is null if the
     * client left for whom the request was made: the program is not to go on.
     */
    "fetch.send"(
      fetcher: number, method: string, url: string, headers: string, body: WireBody, cf: string | undefined,
      abort: number,
    ): Promise<string | null>;
    /** A number by which fetch.abort ends a request. */
    "fetch.abortable"(): number;
    "fetch.abort"(abort: number): void;
    /** Answers a request that Go delivered. */
    "fetch.respond"(
      request: number, status: number, statusText: string, headers: string, body: WireBody, socket: number | undefined,
      encoded: boolean,
    ): void;
    /** Says what a handler threw: for the browser, with its properties and causes for the log, and the places alone. */
    "fetch.fail"(
      request: number, className: string, message: string, props: string | undefined, shown: string, logged: string, places: string,
    ): void;

    /** All bytes of a body that Go has whole; undefined when they still come. The body is used up. */
    "body.take"(body: number): ArrayBuffer | undefined;
    "body.takeText"(body: number): string | undefined;
    "body.all"(body: number): Promise<ArrayBuffer>;
    /** The next bytes, or null at the end. */
    "body.read"(body: number): Promise<ArrayBuffer | null>;
    /** Nobody reads on; the writer gets the error, or the general one, and what was thrown if that is given, serialized. */
    "body.cancel"(body: number, className?: string, message?: string, thrown?: Bytes): void;
    /** How many bytes a body has; -1 if that is not known. */
    "body.length"(body: number): number;
    /** Another body with the same bytes, if Go has them all. */
    "body.copy"(body: number): number | undefined;
    /**
     * Opens a body that JavaScript writes; its length is -1 if it is not known. The text is what its reader
     * gets if it fails, instead of the general error.
     */
    "body.open"(length: number, gone?: string): number;
    "body.write"(body: number, bytes: Bytes): Promise<void>;
    "body.end"(body: number): void;
    "body.fail"(body: number, message: string): void;

    /** Parses multipart/form-data: entries of name, value or [bytes' number, file name, type]. */
    "form.parse"(body: Bytes, contentType: string): [name: string, value: string | [part: number, file: string, type: string]][];
    "form.part"(part: number): ArrayBuffer;
  }
  interface Events {
    fetch: [request: number, target: number, method: string, url: string, headers: string, body: WireBody, cf: string | undefined];
  }
}
