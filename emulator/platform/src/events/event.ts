import { enumerable, tag } from "../globals.ts";

/** What an EventTarget keeps of an event while it is dispatched. */
export interface EventState {
  target: object | null;
  current: object | null;
  phase: number;
  stopped: boolean;
  passive: boolean;
  /** preventDefault() was called, or a listener returned true; what cannot be canceled hides that. */
  prevented: boolean;
}

let stateOf: (event: Event) => EventState;

/** https://developer.mozilla.org/docs/Web/API/Event */
export class Event {
  static readonly NONE = 0;
  static readonly CAPTURING_PHASE = 1;
  static readonly AT_TARGET = 2;
  static readonly BUBBLING_PHASE = 3;

  readonly #type: string;
  readonly #bubbles: boolean;
  readonly #cancelable: boolean;
  readonly #composed: boolean;
  readonly #time = Date.now();
  #propagating = true;
  readonly #state: EventState = { target: null, current: null, phase: 0, stopped: false, passive: false, prevented: false };

  static {
    stateOf = (event) => event.#state;
  }

  constructor(type: string, init: { bubbles?: boolean; cancelable?: boolean; composed?: boolean } = {}) {
    if (arguments.length === 0) {
      throw new TypeError("Failed to construct 'Event': constructor parameter 1 is not of type 'string'.");
    }
    this.#type = `${type}`;
    this.#bubbles = Boolean(init?.bubbles);
    this.#cancelable = Boolean(init?.cancelable);
    this.#composed = Boolean(init?.composed);
  }

  get type(): string {
    return this.#type;
  }
  get bubbles(): boolean {
    return this.#bubbles;
  }
  get cancelable(): boolean {
    return this.#cancelable;
  }
  get composed(): boolean {
    return this.#composed;
  }
  get target(): object | null {
    return this.#state.target;
  }
  get srcElement(): object | null {
    return this.#state.target;
  }
  get currentTarget(): object | null {
    return this.#state.current;
  }
  get eventPhase(): number {
    return this.#state.phase;
  }
  get defaultPrevented(): boolean {
    return this.#cancelable && this.#state.prevented;
  }
  get returnValue(): boolean {
    return !this.defaultPrevented;
  }
  get timeStamp(): number {
    return this.#time;
  }
  get isTrusted(): boolean {
    return false;
  }
  get cancelBubble(): boolean {
    return !this.#propagating;
  }
  set cancelBubble(stop: boolean) {
    if (stop) this.#propagating = false;
  }
  preventDefault(): void {
    if (!this.#state.passive) this.#state.prevented = true;
  }
  stopPropagation(): void {
    this.#propagating = false;
  }
  stopImmediatePropagation(): void {
    this.#propagating = false;
    this.#state.stopped = true;
  }
  composedPath(): object[] {
    return this.#state.current === null ? [] : [this.#state.current];
  }
}
tag(Event, "Event");
enumerable(Event, "type", "target", "currentTarget", "bubbles", "cancelable", "defaultPrevented", "timeStamp");

/** The dispatching state of an event. */
export const eventState = (event: Event): EventState => stateOf(event);

/** https://developer.mozilla.org/docs/Web/API/CustomEvent */
export class CustomEvent extends Event {
  readonly #detail: unknown;
  constructor(type: string, init: { detail?: unknown; bubbles?: boolean; cancelable?: boolean } = {}) {
    super(type, init);
    this.#detail = init.detail ?? null;
  }
  get detail(): unknown {
    return this.#detail;
  }
}
tag(CustomEvent, "CustomEvent");

/** https://developer.mozilla.org/docs/Web/API/MessageEvent */
export class MessageEvent extends Event {
  readonly #init: { data?: unknown; origin?: string; lastEventId?: string; source?: unknown; ports?: unknown[] };
  constructor(
    type: string,
    init: { data?: unknown; origin?: string; lastEventId?: string; source?: unknown; ports?: unknown[]; bubbles?: boolean } = {},
  ) {
    super(type, init);
    this.#init = init;
  }
  get data(): unknown {
    return this.#init.data ?? null;
  }
  get origin(): string | null {
    return this.#init.origin ?? null;
  }
  get lastEventId(): string {
    return this.#init.lastEventId ?? "";
  }
  get source(): unknown {
    return this.#init.source ?? null;
  }
  get ports(): unknown[] {
    return this.#init.ports ?? [];
  }
}
tag(MessageEvent, "MessageEvent");

/** https://developer.mozilla.org/docs/Web/API/CloseEvent */
export class CloseEvent extends Event {
  readonly #init: { code?: number; reason?: string; wasClean?: boolean };
  constructor(type: string, init: { code?: number; reason?: string; wasClean?: boolean; bubbles?: boolean } = {}) {
    super(type, init);
    this.#init = init;
  }
  get code(): number {
    return this.#init.code ?? 0;
  }
  get reason(): string {
    return `${this.#init.reason ?? ""}`.toWellFormed();
  }
  get wasClean(): boolean {
    return this.#init.wasClean ?? false;
  }
}
tag(CloseEvent, "CloseEvent");

/** https://developer.mozilla.org/docs/Web/API/ErrorEvent */
export class ErrorEvent extends Event {
  readonly #init: { message?: string; filename?: string; lineno?: number; colno?: number; error?: unknown };
  constructor(type: string, init: { message?: string; filename?: string; lineno?: number; colno?: number; error?: unknown } = {}) {
    super(type, init as object);
    this.#init = init;
  }
  get message(): string {
    return this.#init.message ?? "";
  }
  get filename(): string {
    return this.#init.filename ?? "";
  }
  get lineno(): number {
    return this.#init.lineno ?? 0;
  }
  get colno(): number {
    return this.#init.colno ?? 0;
  }
  get error(): unknown {
    return this.#init.error;
  }
}
tag(ErrorEvent, "ErrorEvent");

/** https://developer.mozilla.org/docs/Web/API/PromiseRejectionEvent */
export class PromiseRejectionEvent extends Event {
  readonly #init: { promise: Promise<unknown>; reason?: unknown };
  constructor(type: string, init: { promise: Promise<unknown>; reason?: unknown; cancelable?: boolean }) {
    super(type, init);
    this.#init = init;
  }
  get promise(): Promise<unknown> {
    return this.#init.promise;
  }
  get reason(): unknown {
    return this.#init.reason;
  }
}
tag(PromiseRejectionEvent, "PromiseRejectionEvent");
