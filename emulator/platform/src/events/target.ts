import { enumerable, tag } from "../globals.ts";
import { Event, eventState } from "./event.ts";

type Listener = ((event: Event) => unknown) | { handleEvent(event: Event): unknown };

interface Entry {
  listener: Listener;
  capture: boolean;
  once: boolean;
  passive: boolean;
  removed: boolean;
}

interface Options {
  capture?: boolean;
  once?: boolean;
  passive?: boolean;
  signal?: AbortSignal;
}

const captures = (options: Options | boolean | undefined): boolean =>
  typeof options === "boolean" ? options : Boolean(options?.capture);

/** https://developer.mozilla.org/docs/Web/API/EventTarget */
export class EventTarget {
  // Most targets have no listener.
  #entries: Map<string, Entry[]> | undefined;

  addEventListener(type: string, listener: Listener | null, options?: Options | boolean): void {
    if (listener === null || listener === undefined) return;
    if (typeof listener !== "function" && typeof listener !== "object") {
      throw new TypeError("Failed to execute 'addEventListener' on 'EventTarget': parameter 2 is not of type 'EventListener'.");
    }
    const o: Options = typeof options === "object" && options !== null ? options : {};
    if (o.signal?.aborted) return;
    const list = this.#entries?.get(type) ?? [];
    const capture = captures(options);
    if (list.some((e) => e.listener === listener && e.capture === capture)) return;
    (this.#entries ??= new Map()).set(type, [
      ...list,
      { listener, capture, once: Boolean(o.once), passive: Boolean(o.passive), removed: false },
    ]);
    o.signal?.addEventListener("abort", () => this.removeEventListener(type, listener, options));
  }

  removeEventListener(type: string, listener: Listener | null, options?: Options | boolean): void {
    const capture = captures(options);
    const list = this.#entries?.get(type) ?? [];
    this.#entries?.set(
      type,
      list.filter((e) => {
        const gone = e.listener === listener && e.capture === capture;
        if (gone) e.removed = true;
        return !gone;
      }),
    );
  }

  /**
   * Calls the listeners, in the order in which they were added; false if one prevented the default. As in
   * workerd, that counts for events too that cannot be canceled, and to return true does it as well.
   */
  dispatchEvent(event: Event): boolean {
    if (!(event instanceof Event)) {
      throw new TypeError("Failed to execute 'dispatchEvent' on 'EventTarget': parameter 1 is not of type 'Event'.");
    }
    const state = eventState(event);
    state.target = state.current = this;
    state.phase = Event.AT_TARGET;
    state.stopped = state.prevented = false;
    try {
      for (const entry of this.#entries?.get(event.type) ?? []) {
        if (entry.removed) continue;
        if (entry.once) this.removeEventListener(event.type, entry.listener, entry.capture);
        state.passive = entry.passive;
        const { listener } = entry;
        const result = typeof listener === "function" ? listener.call(this, event) : listener.handleEvent(event);
        if (result === true) event.preventDefault();
        if (state.stopped) break;
      }
    } finally {
      state.passive = false;
      state.phase = Event.NONE;
      state.current = null;
    }
    return !state.prevented;
  }
}
tag(EventTarget, "EventTarget");
enumerable(EventTarget, "addEventListener", "removeEventListener", "dispatchEvent");

/** Defines an attribute such as onabort, which holds one listener; an object in its place does nothing. */
export function eventAttribute(type: { prototype: EventTarget }, event: string): void {
  const held = new WeakMap<object, object>();
  Object.defineProperty(type.prototype, `on${event}`, {
    get(this: object) {
      return held.get(this) ?? null;
    },
    set(this: EventTarget, listener: unknown) {
      const before = held.get(this);
      if (typeof before === "function") this.removeEventListener(event, before as Listener);
      held.delete(this);
      if (typeof listener === "function") this.addEventListener(event, listener as Listener);
      else if (typeof listener !== "object" || listener === null) return;
      held.set(this, listener);
    },
    enumerable: true,
    configurable: true,
  });
}
