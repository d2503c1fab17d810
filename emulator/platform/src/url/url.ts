import { tag } from "../globals.ts";
import { host } from "../kernel.ts";
import { onChange, setQueryUpdater, URLSearchParams } from "./params.ts";

/** The parts of a URL, as Go's parser gives them. */
type Parts = [
  href: string, origin: string, protocol: string, username: string, password: string, host: string, hostname: string,
  port: string, pathname: string, search: string, hash: string,
];

declare module "../kernel.ts" {
  interface Host {
    /** Parses a URL by the WHATWG's rules: its parts, or undefined when it is none. */
    "url.parse"(url: string, base: string | undefined): Parts | undefined;
    /** Sets one part, and gives all. */
    "url.set"(href: string, part: string, value: string): Parts;
  }
}

const names = [
  "href", "origin", "protocol", "username", "password", "host", "hostname", "port", "pathname", "search", "hash",
] as const;

// The requests of a program mostly have few addresses, which are parsed once. The parts never change: to
// set one makes others.
const known = new Map<string, Parts>();
const mostKnown = 200;

function parse(url: string): Parts | undefined {
  const found = known.get(url);
  if (found !== undefined) return found;
  const parts = host["url.parse"](url, undefined);
  if (parts === undefined) return undefined;
  if (known.size === mostKnown) known.clear();
  known.set(url, parts);
  return parts;
}

let setQuery: (url: URL, query: string) => void;

/**
 * A URL, by the WHATWG's rules; Go parses it.
 *
 * https://developer.mozilla.org/docs/Web/API/URL
 */
export class URL {
  #parts: Parts;
  #params: URLSearchParams | undefined;

  constructor(url: string | URL, base?: string | URL) {
    if (arguments.length === 0) {
      throw new TypeError("Failed to construct 'URL': constructor parameter 1 is not of type 'string'.");
    }
    const text = `${url as string}`;
    const parts = base === undefined ? parse(text) : host["url.parse"](text, `${base as string}`);
    if (parts === undefined) throw new TypeError("Invalid URL string.");
    this.#parts = parts;
  }

  /** Tells whether a text is a URL. */
  static canParse(url: string | URL, base?: string | URL): boolean {
    return host["url.parse"](`${url as string}`, base === undefined ? undefined : `${base as string}`) !== undefined;
  }

  /** The URL of a text, or null. */
  static parse(url: string | URL, base?: string | URL): URL | null {
    return URL.canParse(url, base) ? new URL(url, base) : null;
  }

  get searchParams(): URLSearchParams {
    if (this.#params === undefined) {
      this.#params = new URLSearchParams(this.#parts[9]);
      onChange(this.#params, this);
    }
    return this.#params;
  }

  static {
    setQuery = (url, query) => {
      url.#parts = host["url.set"](url.#parts[0], "search", query);
    };
  }

  toString(): string {
    return this.#parts[0];
  }
  toJSON(): string {
    return this.#parts[0];
  }

  static {
    names.forEach((name, n) => {
      const get = function (this: URL): string {
        return this.#parts[n]!;
      };
      const set = function (this: URL, value: unknown): void {
        if (name === "href") {
          this.#parts = new URL(`${value as string}`).#parts;
        } else {
          this.#parts = host["url.set"](this.#parts[0], name, `${value as string}`);
        }
        if ((name === "href" || name === "search") && this.#params !== undefined) this.#params.reset(this.#parts[9]);
      };
      Object.defineProperty(this.prototype, name, {
        get,
        ...(name !== "origin" && { set }),
        enumerable: true,
        configurable: true,
      });
    });
  }

  declare href: string;
  declare readonly origin: string;
  declare protocol: string;
  declare username: string;
  declare password: string;
  declare host: string;
  declare hostname: string;
  declare port: string;
  declare pathname: string;
  declare search: string;
  declare hash: string;
}
tag(URL, "URL");
setQueryUpdater((url, query) => setQuery(url as URL, query));
