// The object's WebSockets that outlive its heap.

import { type Bytes, host, on } from "doemu-internal:platform/kernel.ts";
import { hibernatableSocket, socketState, type Transport, WebSocket } from "doemu-internal:platform/sockets/websocket.ts";
import { defineGlobals, tag } from "doemu-internal:platform/globals.ts";
import { wrongType } from "./args.ts";
import { handler } from "./instance.ts";
import { answer } from "./answer.ts";

const longestTimeout = 604_800_000;

// The socket objects that this heap has made, by their numbers.
const known = new Map<number, WebSocket>();

/** Where the messages of a socket that outlives the heap go. */
class Outlasting implements Transport {
  readonly number: number;
  constructor(number: number) {
    this.number = number;
  }
  send(message: string | Bytes): void {
    host["hibernate.send"](this.number, message);
  }
  close(code: number, reason: string): void {
    host["hibernate.close"](this.number, code, reason);
  }
  attach(value: Bytes | undefined): void {
    host["hibernate.attach"](this.number, value);
  }
  attachment(): ArrayBuffer | undefined {
    return host["hibernate.attachment"](this.number);
  }
}

function remake(number: number, closed: boolean): WebSocket {
  const socket = hibernatableSocket(new Outlasting(number), closed);
  known.set(number, socket);
  return socket;
}

const socketOf = (number: number): WebSocket => known.get(number) ?? remake(number, host["hibernate.state"](number));

function checkTags(tags: unknown): string[] {
  if (tags === undefined || tags === null) return [];
  if (!Array.isArray(tags)) throw wrongType("acceptWebSocket", "DurableObjectState", 2, "Array");
  const [, mostTags, longestTag] = host["socket.limits"]();
  const distinct: string[] = [];
  for (const tag of tags) {
    if (mostTags !== null && distinct.length >= mostTags) throw new Error(`a Hibernatable WebSocket cannot have more than ${mostTags} tags`);
    const text = `${tag as string}`;
    if (longestTag !== null && (text.length > longestTag || new TextEncoder().encode(text).byteLength > longestTag)) {
      throw new Error(`"${text}" is longer than the max tag length (${longestTag} characters).`);
    }
    if (!distinct.includes(text)) distinct.push(text);
  }
  return distinct;
}

/** Accepts a socket for hibernation. */
export function acceptSocket(socket: unknown, tags: unknown): void {
  if (!(socket instanceof WebSocket)) throw wrongType("acceptWebSocket", "DurableObjectState", 1, "WebSocket");
  const distinct = checkTags(tags);
  const me = socketState(socket);
  if (me.state === "accepted" || me.state === "hibernatable") {
    throw new Error("Cannot call `acceptWebSocket()` if the WebSocket was already accepted via `accept()`");
  }
  const peer = me.peer?.state;
  if (me.state !== "new" || peer === "accepted" || peer === "hibernatable" || peer === "released") {
    throw new Error("Cannot call `acceptWebSocket()` on this WebSocket because its pair has already been accepted or used in a Response.");
  }
  const number = host["hibernate.accept"](me.handle, JSON.stringify(distinct));
  me.state = "hibernatable";
  me.transport = new Outlasting(number);
  if (me.attachment !== undefined) host["hibernate.attach"](number, me.attachment);
  known.set(number, socket);
}

const socketsOf = (tag: string | undefined): WebSocket[] =>
  host["hibernate.list"](tag).map((n) => (n > 0 ? (known.get(n) ?? remake(n, false)) : (known.get(-n) ?? remake(-n, true))));

// All sockets, as they were at a version of Go's list: broadcasts ask for them with every message.
let all: WebSocket[] = [];
let version = 0;

/** The sockets that are connected, or those with a tag. */
export function sockets(tag: string | undefined): WebSocket[] {
  if (tag !== undefined) return socketsOf(tag);
  const now = host["hibernate.version"]();
  if (now !== version) {
    all = socketsOf(undefined);
    version = now;
  }
  return all.slice();
}

function numberOf(socket: unknown): number {
  const me = socket instanceof WebSocket ? socketState(socket) : undefined;
  if (me?.transport instanceof Outlasting) return me.transport.number;
  throw new Error(
    me?.state === "accepted"
      ? "only hibernatable websockets can have tags."
      : "you must call 'acceptWebSocket()' before attempting to access the tags of a WebSocket.",
  );
}

/** The tags of a socket. */
export const tagsOf = (socket: unknown): string[] => host["hibernate.tags"](numberOf(socket));

/**
 * A message and its automatic response.
 *
 * https://developers.cloudflare.com/durable-objects/api/websockets/#websocketrequestresponsepair
 */
export class WebSocketRequestResponsePair {
  readonly #request: string;
  readonly #response: string;
  constructor(request: string, response: string) {
    if (arguments.length < 2) {
      throw new TypeError(`Failed to construct 'WebSocketRequestResponsePair': constructor parameter ${arguments.length + 1} is not of type 'string'.`);
    }
    this.#request = `${request}`;
    this.#response = `${response}`;
  }
  get request(): string {
    return this.#request;
  }
  get response(): string {
    return this.#response;
  }
}
tag(WebSocketRequestResponsePair, "WebSocketRequestResponsePair");
defineGlobals({ WebSocketRequestResponsePair });

/** Sets or removes the automatic response. */
export function setAutoResponse(pair: unknown): void {
  if (pair === undefined || pair === null) {
    host["hibernate.setAutoResponse"](undefined, undefined);
    return;
  }
  if (!(pair instanceof WebSocketRequestResponsePair)) {
    throw wrongType("setWebSocketAutoResponse", "DurableObjectState", 1, "WebSocketRequestResponsePair");
  }
  const [, , , longest] = host["socket.limits"]();
  for (const [what, text] of [["Request", pair.request], ["Response", pair.response]] as const) {
    const size = new TextEncoder().encode(text).byteLength;
    if (longest !== null && size > longest) {
      throw new RangeError(`${what} cannot be larger than ${longest} bytes. A ${what.toLowerCase()} of size ${size} was provided.`);
    }
  }
  host["hibernate.setAutoResponse"](pair.request, pair.response);
}

/** The automatic response, or null. */
export function autoResponse(): WebSocketRequestResponsePair | null {
  const pair = host["hibernate.autoResponse"]();
  return pair === null ? null : new WebSocketRequestResponsePair(...pair);
}

/** When a socket was last answered automatically. */
export function autoResponseTime(socket: unknown): Date | null {
  const time = host["hibernate.autoResponseTime"](numberOf(socket));
  return time === null ? null : new Date(time);
}

/** Sets how long a handler may take, in milliseconds. */
export function setEventTimeout(ms: unknown): void {
  if (ms === undefined || ms === null) {
    host["hibernate.setTimeout"](0);
    return;
  }
  const n = Number(ms);
  if (Number.isNaN(n)) throw new TypeError("The value cannot be converted because it is not an integer.");
  if (n < 0) throw new TypeError("The value cannot be converted because it is negative and this API expects a positive number.");
  if (n > longestTimeout) throw new Error(`Event timeout should not exceed ${longestTimeout} ms.`);
  host["hibernate.setTimeout"](Math.trunc(n));
}

/** How long a handler may take, or null. */
export const eventTimeout = (): number | null => host["hibernate.timeout"]() || null;

// A handler's failure is only logged: nobody waits for it.
function deliver(call: number, name: string, ...args: unknown[]): void {
  void answer(call, async () => {
    try {
      await handler(name)?.(...args);
    } catch (error) {
      console.error(error);
    }
  });
}

// Sockets whose peers have gone. They are listed until the turn ends, as the very same objects.
const gone: number[] = [];

function forgetGone(): void {
  for (const number of gone.splice(0)) known.delete(number);
}

on("object.message", (call, number, message) => {
  forgetGone();
  deliver(call, "webSocketMessage", socketOf(number), message);
});

on("object.closed", (call, number, code, reason, wasClean) => {
  forgetGone();
  const socket = socketOf(number);
  const me = socketState(socket);
  me.ready = me.sentClose ? 3 : 2;
  gone.push(number);
  deliver(call, "webSocketClose", socket, code, reason, wasClean);
});

on("object.failed", (call, number, message) => {
  forgetGone();
  const socket = socketOf(number);
  socketState(socket).ready = 2;
  gone.push(number);
  deliver(call, "webSocketError", socket, new Error(message));
});
