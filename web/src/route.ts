import { computed, signal } from "@preact/signals";

/**
 * Where in the page one is. It is behind the #, so that the server need not know, and the page works below any
 * path: #/objects/chat-Room/name:lobby?tab=sql.
 */
export interface Route {
  /** The parts of the path, decoded. */
  parts: string[];
  query: URLSearchParams;
}

export function parseRoute(hash: string): Route {
  const [path = "", query = ""] = hash.replace(/^#\/?/, "").split("?", 2) as [string, string?];
  return { parts: path.split("/").filter((part) => part !== "").map(decode), query: new URLSearchParams(query) };
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part; // typed by hand
  }
}

/** The address of a place in the page. */
export function href(parts: string[], query: Record<string, string | undefined> = {}): string {
  const set = Object.entries(query).filter((entry): entry is [string, string] => !!entry[1]);
  const search = set.length > 0 ? `?${new URLSearchParams(set)}` : "";
  return `#/${parts.map(encodeURIComponent).join("/")}${search}`;
}

const hash = signal(location.hash);
addEventListener("hashchange", () => (hash.value = location.hash));

export const route = computed(() => parseRoute(hash.value));

export function go(to: string): void {
  location.hash = to;
}

/** Changes what the query says without a step in the history. */
export function setQuery(change: Record<string, string | undefined>): void {
  const { parts, query } = route.value;
  history.replaceState(null, "", href(parts, { ...Object.fromEntries(query), ...change }));
  hash.value = location.hash;
}

/** The address of an object. */
export function objectHref(namespace: string, object: string, tab?: string): string {
  return href(["objects", namespace, object], { tab });
}
