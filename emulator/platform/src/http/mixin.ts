// What Request and Response have in common: their content.

import { Blob } from "../blob/blob.ts";
import { enumerable } from "../globals.ts";
import type { ReadableStream } from "../vendor/streams.js";
import type { Body } from "./body.ts";
import type { FormData } from "./form.ts";
import type { Headers } from "./headers.ts";

/** The base of Request and Response. */
export abstract class Content {
  /** The content itself; not for programs. */
  protected abstract content_(): Body | null;
  abstract get headers(): Headers;

  get body(): InstanceType<typeof ReadableStream> | null {
    return this.content_()?.stream() ?? null;
  }
  get bodyUsed(): boolean {
    return this.content_()?.used ?? false;
  }
  async arrayBuffer(): Promise<ArrayBuffer> {
    return (await this.bytes()).buffer;
  }
  async bytes(): Promise<Uint8Array<ArrayBuffer>> {
    return (await this.content_()?.bytes()) ?? new Uint8Array(0);
  }
  async text(): Promise<string> {
    return (await this.content_()?.text()) ?? "";
  }
  async json(): Promise<unknown> {
    return JSON.parse(await this.text()) as unknown;
  }
  async blob(): Promise<Blob> {
    return new Blob([await this.bytes()], { type: this.headers.get("content-type") ?? "" });
  }
  async formData(): Promise<FormData> {
    const content = this.content_();
    const type = this.headers.get("content-type");
    if (content === null) throw new TypeError("Unrecognized Content-Type header value. FormData can only parse the following MIME types: multipart/form-data, application/x-www-form-urlencoded");
    return content.form(type);
  }
}
enumerable(Content, "body", "bodyUsed", "arrayBuffer", "bytes", "text", "json", "blob", "formData");
