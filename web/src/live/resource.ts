import { useEffect, useRef, useState } from "preact/hooks";
import { messageOf, type JournalEvent } from "../api/client";
import { listen, run } from "./journal";
import { throttled } from "../logic/pace";

export interface Resource<T> {
  /** What was got last: it stays while a newer one is asked for. */
  data: T | undefined;
  /** Why the newest could not be got. */
  error: string | undefined;
  /** Asks again, and tells when it is there. */
  refresh: () => Promise<void>;
}

/** How long to wait between two requests for the same. */
const pace = 300;

/**
 * Gets something from the API, and again after events that concern it. `key` says what it is: another key is
 * another thing, of which nothing is known yet.
 */
export function useResource<T>(key: string, load: () => Promise<T>, concerns: (event: JournalEvent) => boolean = () => false, ms = pace): Resource<T> {
  const [state, setState] = useState<{ key: string; data?: T; error?: string }>({ key });
  const newest = useRef({ load, concerns, key });
  newest.current = { load, concerns, key };
  const met = run.value;

  const refresh = async (): Promise<void> => {
    const { load, key } = newest.current;
    try {
      const data = await load();
      if (newest.current.key === key) setState({ key, data });
    } catch (error) {
      if (newest.current.key === key) setState((was) => ({ key, data: was.key === key ? was.data : undefined, error: messageOf(error) }));
    }
  };

  useEffect(() => {
    const soon = throttled(refresh, ms);
    soon();
    return listen((events) => events.some((event) => newest.current.concerns(event)) && soon());
  }, [key, met]);

  return { data: state.key === key ? state.data : undefined, error: state.key === key ? state.error : undefined, refresh };
}
