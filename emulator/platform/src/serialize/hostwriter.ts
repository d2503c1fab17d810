// What workerd writes in a form of its own: a tag that says that the host reads it, the number of its
// type, and what the type needs. Strings are of UTF-8, behind their length.

import { type Blob, blobData } from "../blob/blob.ts";
import type { DOMException } from "../errors.ts";
import { encodeText } from "../encoding/text.ts";
import { hostErrors, hostTags, tags } from "./tags.ts";
import type { Writer } from "./writer.ts";

/** Writes a string as UTF-8 behind its length. */
export function writeText(to: Writer, text: string): void {
  const bytes = encodeText(text);
  to.out.varint(bytes.byteLength);
  to.out.raw(bytes);
}

export function writeBlob(to: Writer, blob: Blob): void {
  const bytes = blobData(blob);
  to.out.byte(tags.hostObject);
  to.out.varint(hostTags.blob);
  writeText(to, blob.type);
  to.out.varint(bytes.byteLength);
  to.out.raw(bytes);
}

export function writeDOMException(to: Writer, error: DOMException): void {
  to.out.byte(tags.hostObject);
  to.out.varint(hostTags.domException);
  writeText(to, error.name);
  writeText(to, error.message);
  writeText(to, String(error.stack ?? ""));
}

/** An error with its own properties: what enhanced_error_serialization adds. */
export function writeNativeError(to: Writer, error: Error): void {
  to.out.byte(tags.hostObject);
  to.out.varint(hostTags.nativeError);
  const type = Math.max(0, hostErrors.indexOf(String(error.name)));
  to.out.varint(type);
  if (type === 0) to.value(error.name);
  to.value(error.message);
  const own: Record<string, unknown> = {};
  for (const key of Object.getOwnPropertyNames(error)) {
    if (key === "name" || key === "message") continue;
    // Assigned as in workerd: a setter of Object.prototype gets it.
    own[key] = (error as unknown as Record<string, unknown>)[key];
  }
  to.value(own);
}
