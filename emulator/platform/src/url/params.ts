import { tag } from "../globals.ts";
import { host } from "../kernel.ts";

declare module "../kernel.ts" {
  interface Host {
    /** The pairs of application/x-www-form-urlencoded text: name, value, name, value, … */
    "url.pairs"(query: string): string[];
    /** The text of pairs. */
    "url.query"(...pairs: string[]): string;
  }
}

let listen: (params: URLSearchParams, url: object) => void;
let changed: (url: object, query: string) => void;

/** Sets what gives a URL the query that its parameters make. */
export function setQueryUpdater(update: (url: object, query: string) => void): void {
  changed = update;
}

type Pairs = [name: string, value: string][];

const usv = (value: unknown): string => `${value as string}`.toWellFormed();

/** https://developer.mozilla.org/docs/Web/API/URLSearchParams */
export class URLSearchParams {
  #pairs: Pairs = [];
  #url: object | undefined;

  static {
    listen = (params, url) => {
      params.#url = url;
    };
  }

  constructor(init: unknown = "") {
    if (typeof init === "object" && init !== null) {
      if (Symbol.iterator in init) {
        for (const pair of init as Iterable<Iterable<unknown>>) {
          const list = [...pair];
          if (list.length !== 2) {
            throw new TypeError("Sequence initializer must only contain pairs.");
          }
          this.#pairs.push([usv(list[0]), usv(list[1])]);
        }
      } else {
        for (const [name, value] of Object.entries(init)) this.#pairs.push([usv(name), usv(value)]);
      }
      return;
    }
    this.reset(usv(init));
  }

  /** Takes the pairs of a query over. */
  reset(query: string): void {
    const text = query.startsWith("?") ? query.slice(1) : query;
    this.#pairs = [];
    if (text === "") return;
    const flat = host["url.pairs"](text);
    for (let n = 0; n < flat.length; n += 2) this.#pairs.push([flat[n]!, flat[n + 1]!]);
  }

  #update(): void {
    if (this.#url !== undefined) changed(this.#url, this.toString());
  }

  get size(): number {
    return this.#pairs.length;
  }
  append(name: string, value: string): void {
    this.#pairs.push([usv(name), usv(value)]);
    this.#update();
  }
  delete(name: string, value?: string): void {
    const n = usv(name);
    this.#pairs = this.#pairs.filter((p) => p[0] !== n || (value !== undefined && p[1] !== usv(value)));
    this.#update();
  }
  get(name: string): string | null {
    const n = usv(name);
    for (const pair of this.#pairs) if (pair[0] === n) return pair[1];
    return null;
  }
  getAll(name: string): string[] {
    const n = usv(name);
    return this.#pairs.filter((p) => p[0] === n).map((p) => p[1]);
  }
  has(name: string, value?: string): boolean {
    const n = usv(name);
    return this.#pairs.some((p) => p[0] === n && (value === undefined || p[1] === usv(value)));
  }
  set(name: string, value: string): void {
    const n = usv(name);
    const at = this.#pairs.findIndex((p) => p[0] === n);
    if (at < 0) {
      this.#pairs.push([n, usv(value)]);
    } else {
      this.#pairs = this.#pairs.filter((p, i) => i <= at || p[0] !== n);
      this.#pairs[at] = [n, usv(value)];
    }
    this.#update();
  }
  sort(): void {
    this.#pairs.sort((a, b) => (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0));
    this.#update();
  }
  forEach(callback: (value: string, name: string, params: URLSearchParams) => void, self?: unknown): void {
    for (const [name, value] of this) callback.call(self, value, name, this);
  }
  *entries(): IterableIterator<[string, string]> {
    for (let n = 0; n < this.#pairs.length; n++) yield [...this.#pairs[n]!];
  }
  *keys(): IterableIterator<string> {
    for (const pair of this.entries()) yield pair[0];
  }
  *values(): IterableIterator<string> {
    for (const pair of this.entries()) yield pair[1];
  }
  [Symbol.iterator](): IterableIterator<[string, string]> {
    return this.entries();
  }
  toString(): string {
    return this.#pairs.length === 0 ? "" : host["url.query"](...this.#pairs.flat());
  }
}
tag(URLSearchParams, "URLSearchParams");

/** Gives a URL the new query after each change. */
export const onChange = (params: URLSearchParams, url: object): void => listen(params, url);
