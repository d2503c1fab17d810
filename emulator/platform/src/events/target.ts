import { enumerable, tag } from "../globals.ts";
import { Event, eventState } from "./event.ts";

type Listener = ((event: Event) => unknown) | { handleEvent(event: Event): unknown };

interface Entry {
  listener: Listener;
  capture: boolean;
  once: boolean;
  passive: boolean;
  removed: boolean;
  /** Tells whether an attribute such as onabort holds it, not addEventListener(). */
  attribute: boolean;
}

interface Options {
  capture?: boolean;
  once?: boolean;
  passive?: boolean;
  signal?: AbortSignal;
}

const captures = (options: Options | boolean | undefined): boolean =>
  typeof options === "boolean" ? options : Boolean(options?.capture);

let setAttribute: (target: EventTarget, type: string, listener: Listener | undefined) => void;

/** https://developer.mozilla.org/docs/Web/API/EventTarget */
export class EventTarget {
  // Most targets have no listener.
  #entries: Map<string, Entry[]> | undefined;

  static {
    // In workerd the attribute's listener comes first, whenever it was set.
    setAttribute = (target, type, listener) => {
      const others = (target.#entries?.get(type) ?? []).filter((e) => !e.attribute);
      if (listener !== undefined) others.unshift({ listener, capture: false, once: false, passive: false, removed: false, attribute: true });
      (target.#entries ??= new Map()).set(type, others);
    };
  }

  addEventListener(type: string, listener: Listener | null, options?: Options | boolean): void {
    if (listener === null || listener === undefined) return;
    if (typeof listener !== "function" && typeof listener !== "object") {
      throw new TypeError("Failed to execute 'addEventListener' on 'EventTarget': parameter 2 is not of type 'EventListener'.");
    }
    const o: Options = typeof options === "object" && options !== null ? options : {};
    if (o.signal?.aborted) return;
    const list = this.#entries?.get(type) ?? [];
    const capture = captures(options);
    if (list.some((e) => !e.attribute && e.listener === listener && e.capture === capture)) return;
    (this.#entries ??= new Map()).set(type, [
      ...list,
      { listener, capture, once: Boolean(o.once), passive: Boolean(o.passive), removed: false, attribute: false },
    ]);
    o.signal?.addEventListener("abort", () => this.removeEventListener(type, listener, options));
  }

  removeEventListener(type: string, listener: Listener | null, options?: Options | boolean): void {
    const capture = captures(options);
    const list = this.#entries?.get(type) ?? [];
    this.#entries?.set(
      type,
      list.filter((e) => {
        const gone = !e.attribute && e.listener === listener && e.capture === capture;
        if (gone) e.removed = true;
        return !gone;
      }),
    );
  }

  /**
   * Calls the attribute's listener, then the others in the order in which they were added; false if one prevented the default. As in
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
      held.delete(this);
      setAttribute(this, event, typeof listener === "function" ? (listener as Listener) : undefined);
      if (typeof listener === "function" || (typeof listener === "object" && listener !== null)) held.set(this, listener);
    },
    enumerable: true,
    configurable: true,
  });
}
