import { defineGlobals } from "../globals.ts";
import { AbortController, AbortSignal } from "./abort.ts";
import { CloseEvent, CustomEvent, ErrorEvent, Event, MessageEvent, PromiseRejectionEvent } from "./event.ts";
import "./report.ts";
import { EventTarget } from "./target.ts";

defineGlobals({
  AbortController, AbortSignal, CloseEvent, CustomEvent, ErrorEvent, Event, EventTarget, MessageEvent,
  PromiseRejectionEvent,
});

// The global object is an EventTarget itself.
const target = new EventTarget();
defineGlobals({
  addEventListener: target.addEventListener.bind(target),
  removeEventListener: target.removeEventListener.bind(target),
  dispatchEvent: target.dispatchEvent.bind(target),
});
