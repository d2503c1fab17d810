import { useEffect, useRef, useState } from "preact/hooks";
import { api, messageOf, page, type ObjectInfo, type State } from "../api/client";
import { rangeToRefresh, replaceRange } from "../logic/rows";
import { listen, run } from "./journal";
import { throttled } from "../logic/pace";

export interface ObjectQuery {
  namespace: string;
  state: State | "";
  prefix: string;
}

interface Loaded {
  query: string;
  rows: ObjectInfo[];
  cursor: string;
  ready: boolean;
  error?: string | undefined;
}

/** A first page is quick to get and to show; those behind it are asked for while one scrolls. */
const firstPage = 100;
const nextPage = 1_000;
const pace = 400;

/**
 * The objects of a namespace, page by page as they are seen. When something happens to objects that are seen, that
 * part of the list alone is read anew; what is out of sight is read when it comes into sight.
 */
export function useObjects({ namespace, state, prefix }: ObjectQuery) {
  const query = JSON.stringify([namespace, state, prefix, run.value]);
  const [loaded, setLoaded] = useState<Loaded>({ query, rows: [], cursor: "", ready: false });
  const now = useRef({ loaded, seen: { first: 0, last: 0 }, dirty: new Set<string>(), loading: false, query });
  now.current.loaded = loaded;
  now.current.query = query;
  const refreshSoon = useRef<() => void>(() => undefined);

  const get = (cursor: string, limit: number) =>
    page(
      api.GET("/api/v1/namespaces/{namespace}/objects", {
        params: { path: { namespace }, query: { limit, ...(cursor && { cursor }), ...(state && { state }), ...(prefix && { prefix }) } },
      }),
    );

  const more = async (): Promise<void> => {
    const { loaded } = now.current;
    if (now.current.loading || loaded.cursor === "" || loaded.query !== query) return;
    now.current.loading = true;
    try {
      const { items, cursor } = await get(loaded.cursor, nextPage);
      setLoaded((was) => (was.query === query && was.cursor === loaded.cursor ? { ...was, rows: was.rows.concat(items), cursor } : was));
    } catch (error) {
      setLoaded((was) => ({ ...was, error: messageOf(error) }));
    }
    now.current.loading = false;
  };

  useEffect(() => {
    now.current.dirty.clear();
    now.current.loading = false;
    get("", firstPage).then(
      ({ items, cursor }) => now.current.query === query && setLoaded({ query, rows: items, cursor, ready: true }),
      (error: unknown) => now.current.query === query && setLoaded({ query, rows: [], cursor: "", ready: true, error: messageOf(error) }),
    );
    const refresh = throttled(async () => {
      const { loaded, seen, dirty } = now.current;
      if (loaded.query !== query) return;
      const range = rangeToRefresh(loaded.rows, seen.first, seen.last, dirty, loaded.cursor === "");
      if (!range) return;
      const asked = [...dirty].filter((id) => id > range.after && id <= range.upTo);
      const limit = seen.last - seen.first + 1 + asked.length;
      try {
        const { items, cursor } = await get(range.after, limit);
        for (const id of asked) dirty.delete(id);
        // A full page ends where it ends; what is behind it stays as it was.
        const upTo = cursor === "" ? range.upTo : (items.at(-1)?.id ?? range.upTo);
        setLoaded((was) => (was.query === query ? { ...was, error: undefined, rows: replaceRange(was.rows, range.after, upTo < range.upTo ? upTo : range.upTo, items) } : was));
      } catch (error) {
        setLoaded((was) => ({ ...was, error: messageOf(error) }));
      }
    }, pace);
    refreshSoon.current = refresh;
    return listen((events) => {
      for (const event of events) if (event.namespace === namespace && event.object) now.current.dirty.add(event.object);
      refresh();
    });
  }, [query]);

  const current = loaded.query === query;
  return {
    rows: current ? loaded.rows : [],
    ready: current && loaded.ready,
    error: current ? loaded.error : undefined,
    whole: loaded.cursor === "",
    /** Says which rows are seen: the next page is asked for before its beginning comes into sight. */
    seen(first: number, last: number): void {
      now.current.seen = { first, last };
      if (now.current.dirty.size > 0) refreshSoon.current();
      if (last >= now.current.loaded.rows.length - 60) void more();
    },
  };
}
