import { tag } from "doemu-internal:platform/globals.ts";
import { host } from "doemu-internal:platform/kernel.ts";
import { flag } from "doemu-internal:platform/flags.ts";
import { ownExports } from "doemu-internal:platform/worker/exports.ts";
import { keepAlive } from "doemu-internal:platform/worker/context.ts";
import { internal, onlyInternal, optionsArgument, ownProperty, wrongType } from "./args.ts";
import { type DurableObjectFacets, facets } from "./facets.ts";
import {
  acceptSocket, autoResponse, autoResponseTime, eventTimeout, setAutoResponse, setEventTimeout, sockets, tagsOf,
  type WebSocketRequestResponsePair,
} from "./hibernation.ts";
import type { DurableObjectId } from "./id.ts";
import { inSection } from "./section.ts";
import { DurableObjectStorage, type StorageOwner } from "./storage.ts";

const className = "DurableObjectState";

/**
 * What an object knows of itself: its id, its storage, its WebSockets.
 *
 * https://developers.cloudflare.com/durable-objects/api/state/
 */
export class DurableObjectState {
  declare readonly id: DurableObjectId | string;
  declare readonly storage: DurableObjectStorage;
  declare readonly props: unknown;
  declare readonly container: undefined;
  declare readonly facets: DurableObjectFacets;

  constructor(key: unknown, id: DurableObjectId | string, owner: StorageOwner, props: unknown = {}) {
    onlyInternal(key);
    const storage = new DurableObjectStorage(internal, owner);
    ownProperty(this, "id", () => id, true);
    ownProperty(this, "props", () => props, true);
    ownProperty(this, "storage", () => storage, true);
    if (flag("enable_ctx_exports")) ownProperty(this, "exports", ownExports, true);
    ownProperty(this, "container", () => undefined, true);
    ownProperty(this, "facets", facets);
  }

  /** Keeps the object in memory until the promise settles; a rejection is only logged. */
  waitUntil(promise: Promise<unknown>): void {
    if (arguments.length === 0) throw wrongType("waitUntil", className, 1, "Promise");
    keepAlive(promise);
  }

  /** Runs a callback before any other event is delivered. */
  blockConcurrencyWhile<T>(callback: () => T | PromiseLike<T>): Promise<T> {
    if (typeof callback !== "function") throw wrongType("blockConcurrencyWhile", className, 1, "function");
    return inSection(callback, "reset");
  }

  /** Resets the object: code stops here, and callers get an error with the reason. */
  abort(reason?: unknown, options?: object): never {
    const { retryAlarm } = optionsArgument<{ retryAlarm: boolean }>(options, "abort", className, 2, "AbortOptions");
    const message = arguments.length === 0 || reason === undefined ? "Application called abort() to reset Durable Object." : String(reason);
    return host["object.abort"](message, retryAlarm !== false);
  }

  /** Accepts a WebSocket that stays connected while the object is not in memory. */
  acceptWebSocket(socket: WebSocket, tags?: string[]): void {
    acceptSocket(socket, tags);
  }

  /** The accepted WebSockets, or those with a tag. */
  getWebSockets(tag?: string): WebSocket[] {
    return sockets(tag === undefined ? undefined : `${tag}`);
  }

  /** The tags of a WebSocket. */
  getTags(socket: WebSocket): string[] {
    return tagsOf(socket);
  }

  /** Sets the message that is answered without waking the object, and its answer. */
  setWebSocketAutoResponse(pair?: WebSocketRequestResponsePair): void {
    setAutoResponse(pair);
  }

  getWebSocketAutoResponse(): WebSocketRequestResponsePair | null {
    return autoResponse();
  }

  /** When a WebSocket was last answered automatically. */
  getWebSocketAutoResponseTimestamp(socket: WebSocket): Date | null {
    return autoResponseTime(socket);
  }

  setHibernatableWebSocketEventTimeout(ms?: number): void {
    setEventTimeout(ms);
  }

  getHibernatableWebSocketEventTimeout(): number | null {
    return eventTimeout();
  }
}
tag(DurableObjectState, className);
