import { enumerable, tag } from "../globals.ts";

/** Who may change headers: workerd writes it with them, but lets programs change all but immutable ones. */
export type Guard = "none" | "immutable" | "request" | "response";

/** A header: its name in lower case, its value, and its name as it was given. */
type Header = [key: string, value: string, name: string];

let fromText: (text: string, guard: Guard) => Headers;
let toText: (headers: Headers) => string;
let guardOf: (headers: Headers) => Guard;
let setDefault: (headers: Headers, name: string, value: string) => void;

const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

function nameOf(name: unknown): string {
  const text = `${name as string}`;
  if (!token.test(text)) throw new TypeError("Invalid header name.");
  return text;
}

function valueOf(value: unknown): string {
  let text = `${value as string}`;
  const c = text.charCodeAt(0);
  const d = text.charCodeAt(text.length - 1);
  if (c <= 0x20 || d <= 0x20) text = text.replace(/^[\t\n\r ]+|[\t\n\r ]+$/g, "");
  if (/[\0\n\r]/.test(text)) throw new TypeError("Invalid header value.");
  return text;
}

/**
 * https://developers.cloudflare.com/workers/runtime-apis/headers/
 */
export class Headers {
  // Headers that came from Go stay text until a program asks for one.
  #text: string | undefined;
  #list: Header[] | undefined;
  #guard: Guard = "none";

  static {
    fromText = (text, guard) => {
      const headers = new Headers();
      headers.#text = text;
      headers.#list = undefined;
      headers.#guard = guard;
      return headers;
    };
    toText = (headers) => {
      if (headers.#text !== undefined) return headers.#text;
      let text = "";
      for (const [, value, name] of headers.#list!) text += `${name}: ${value}\n`;
      return text;
    };
    guardOf = (headers) => headers.#guard;
    setDefault = (headers, name, value) => {
      const key = name.toLowerCase();
      if (!headers.#all().some((h) => h[0] === key)) headers.#change().push([key, value, name]);
    };
  }

  constructor(init?: unknown) {
    if (init instanceof Headers) {
      this.#text = init.#text;
      this.#list = init.#list?.map((h) => [...h]);
      return;
    }
    this.#list = [];
    if (init === undefined) return;
    if (typeof init !== "object" || init === null) {
      throw new TypeError("Failed to construct 'Headers': constructor parameter 1 is not of type 'Headers or Sequence or object'.");
    }
    if (Symbol.iterator in init) {
      for (const pair of init as Iterable<Iterable<unknown>>) {
        const list = [...pair];
        if (list.length !== 2) throw new TypeError("To initialize a Headers object from a sequence, each inner sequence must have exactly two elements.");
        this.append(list[0] as string, list[1] as string);
      }
    } else {
      for (const [name, value] of Object.entries(init)) this.append(name, value as string);
    }
  }

  #all(): Header[] {
    if (this.#list === undefined) {
      this.#list = [];
      for (const line of this.#text!.split("\n")) {
        const colon = line.indexOf(": ");
        if (colon > 0) this.#list.push([line.slice(0, colon).toLowerCase(), line.slice(colon + 2), line.slice(0, colon)]);
      }
    }
    return this.#list;
  }

  #change(): Header[] {
    const list = this.#all();
    this.#text = undefined;
    return list;
  }

  #guarded(): Header[] {
    if (this.#guard === "immutable") throw new TypeError("Can't modify immutable headers.");
    return this.#change();
  }

  get(name: string): string | null {
    const key = nameOf(name).toLowerCase();
    let found: string | null = null;
    for (const header of this.#all()) {
      if (header[0] === key) found = found === null ? header[1] : `${found}, ${header[1]}`;
    }
    return found;
  }

  /** The values of Set-Cookie, which cannot be joined. */
  getSetCookie(): string[] {
    return this.#all().filter((h) => h[0] === "set-cookie").map((h) => h[1]);
  }

  /** The values of Set-Cookie by the older name. */
  getAll(name: string): string[] {
    if (nameOf(name).toLowerCase() !== "set-cookie") {
      throw new TypeError('getAll() can only be used with the header name "Set-Cookie".');
    }
    return this.getSetCookie();
  }

  has(name: string): boolean {
    const key = nameOf(name).toLowerCase();
    return this.#all().some((h) => h[0] === key);
  }

  set(name: string, value: string): void {
    const n = nameOf(name);
    const v = valueOf(value);
    const list = this.#guarded();
    const key = n.toLowerCase();
    const at = list.findIndex((h) => h[0] === key);
    if (at < 0) {
      list.push([key, v, n]);
      return;
    }
    list[at] = [key, v, n];
    this.#list = list.filter((h, i) => i <= at || h[0] !== key);
  }

  append(name: string, value: string): void {
    const n = nameOf(name);
    const v = valueOf(value);
    this.#guarded().push([n.toLowerCase(), v, n]);
  }

  delete(name: string): void {
    const key = nameOf(name).toLowerCase();
    this.#list = this.#guarded().filter((h) => h[0] !== key);
  }

  forEach(callback: (value: string, name: string, headers: Headers) => void, self?: unknown): void {
    for (const [name, value] of this) callback.call(self, value, name, this);
  }

  // Sorted by name; equal names joined, but for Set-Cookie.
  #sorted(): [string, string][] {
    const joined = new Map<string, string>();
    const cookies: [string, string][] = [];
    for (const [key, value] of this.#all()) {
      if (key === "set-cookie") cookies.push([key, value]);
      else joined.set(key, joined.has(key) ? `${joined.get(key)!}, ${value}` : value);
    }
    return [...joined, ...cookies].sort((a, b) => (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0));
  }

  entries(): IterableIterator<[string, string]> {
    return this.#sorted()[Symbol.iterator]();
  }
  keys(): IterableIterator<string> {
    return this.#sorted().map((h) => h[0])[Symbol.iterator]();
  }
  values(): IterableIterator<string> {
    return this.#sorted().map((h) => h[1])[Symbol.iterator]();
  }
  [Symbol.iterator](): IterableIterator<[string, string]> {
    return this.entries();
  }
}
tag(Headers, "Headers");
enumerable(Headers, "get", "getAll", "getSetCookie", "has", "set", "append", "delete", "forEach", "entries", "keys", "values");

/** Headers from Go's text: a line `Name: value` each. */
export const headersFromText = (text: string, guard: Guard): Headers => fromText(text, guard);
/** Who may change the headers. */
export const headersGuard = (headers: Headers): Guard => guardOf(headers);
/** The headers as Go takes them. */
export const headersText = (headers: Headers): string => toText(headers);
/** Adds a header unless there is one of its name. */
export const defaultHeader = (headers: Headers, name: string, value: string): void => setDefault(headers, name, value);
