import { Blob, blobData, concat, File } from "../blob/blob.ts";
import { decodeText, encodeText } from "../encoding/text.ts";
import { enumerable, tag } from "../globals.ts";
import { host } from "../kernel.ts";

type Value = string | File;

/** https://developer.mozilla.org/docs/Web/API/FormData */
export class FormData {
  #entries: [name: string, value: Value][] = [];

  append(name: string, value: unknown, filename?: string): void {
    checkArguments("append", arguments.length);
    this.#entries.push([`${name}`.toWellFormed(), entryValue(name, value, filename)]);
  }
  delete(name: string): void {
    this.#entries = this.#entries.filter((e) => e[0] !== `${name}`);
  }
  get(name: string): Value | null {
    return this.#entries.find((e) => e[0] === `${name}`)?.[1] ?? null;
  }
  getAll(name: string): Value[] {
    return this.#entries.filter((e) => e[0] === `${name}`).map((e) => e[1]);
  }
  has(name: string): boolean {
    return this.#entries.some((e) => e[0] === `${name}`);
  }
  set(name: string, value: unknown, filename?: string): void {
    checkArguments("set", arguments.length);
    const n = `${name}`.toWellFormed();
    const v = entryValue(name, value, filename);
    const at = this.#entries.findIndex((e) => e[0] === n);
    if (at < 0) {
      this.#entries.push([n, v]);
      return;
    }
    this.#entries[at] = [n, v];
    this.#entries = this.#entries.filter((e, i) => i <= at || e[0] !== n);
  }
  forEach(callback: (value: Value, name: string, form: FormData) => void, self?: unknown): void {
    for (const [name, value] of this) callback.call(self, value, name, this);
  }
  *entries(): IterableIterator<[string, Value]> {
    for (const [name, value] of this.#entries) yield [name, value];
  }
  *keys(): IterableIterator<string> {
    for (const [name] of this.#entries) yield name;
  }
  *values(): IterableIterator<Value> {
    for (const [, value] of this.#entries) yield value;
  }
  [Symbol.iterator](): IterableIterator<[string, Value]> {
    return this.entries();
  }
}
tag(FormData, "FormData");
enumerable(FormData, "append", "delete", "get", "getAll", "has", "set", "forEach", "entries", "keys", "values");

function checkArguments(method: string, given: number): void {
  if (given < 2) throw new TypeError(`Failed to execute '${method}' on 'FormData': parameter 2 is not of type 'File or Blob or string'.`);
}

// A Blob without a name of its own has the entry's, as in workerd.
function entryValue(name: string, value: unknown, filename: string | undefined): Value {
  if (value instanceof File && filename === undefined) return value;
  if (value instanceof Blob) return new File([value], filename ?? `${name}`, { type: value.type });
  return `${value as string}`.toWellFormed();
}

function escaped(text: string): string {
  if (text.endsWith("\\")) throw new TypeError("Name or filename can't end with backslash");
  return text.replaceAll("\n", "%0A").replaceAll('"', "%22").replaceAll("\\", "\\\\");
}

/** A form as multipart/form-data. */
export function encodeForm(form: FormData): { bytes: Uint8Array<ArrayBuffer>; type: string } {
  // Not crypto.randomUUID: a form may be made at module level, where there is no randomness of Go.
  const boundary = `formdata-doemu-${Math.random().toString(36).slice(2).padStart(12, "0")}`;
  const parts: Uint8Array<ArrayBuffer>[] = [];
  for (const [name, value] of form) {
    const head = `--${boundary}\r\nContent-Disposition: form-data; name="${escaped(name)}"`;
    if (typeof value === "string") {
      parts.push(encodeText(`${head}\r\n\r\n${value}\r\n`));
    } else {
      const type = value.type || "application/octet-stream";
      parts.push(encodeText(`${head}; filename="${escaped(value.name)}"\r\nContent-Type: ${type}\r\n\r\n`), blobData(value), encodeText("\r\n"));
    }
  }
  parts.push(encodeText(`--${boundary}--`));
  return { bytes: concat(parts), type: `multipart/form-data; boundary=${boundary}` };
}

/** The form of a body, by its Content-Type. */
export function parseForm(bytes: Uint8Array<ArrayBuffer>, contentType: string | null): FormData {
  if (contentType === null) throw new TypeError("Parsing a Body as FormData requires a Content-Type header.");
  const type = contentType.split(";")[0]!.trim().toLowerCase();
  const form = new FormData();
  if (type === "application/x-www-form-urlencoded") {
    for (const [name, value] of new URLSearchParams(decodeText(bytes))) form.append(name, value);
    return form;
  }
  if (type !== "multipart/form-data") {
    throw new TypeError(
      `Unrecognized Content-Type header value. FormData can only parse the following MIME types: multipart/form-data, application/x-www-form-urlencoded`,
    );
  }
  for (const [name, value] of host["form.parse"](bytes, contentType)) {
    if (typeof value === "string") {
      form.append(name, value);
    } else {
      const [part, file, fileType] = value;
      form.append(name, new File([host["form.part"](part)], file, { type: fileType }));
    }
  }
  return form;
}
