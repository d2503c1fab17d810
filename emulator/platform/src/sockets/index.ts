import { defineGlobals, tag } from "../globals.ts";
import { defineModule } from "../modules.ts";
import { openClient } from "./client.ts";
import { makePair, setClientOpener, WebSocket } from "./websocket.ts";

setClientOpener(openClient);

/**
 * Two WebSockets that are connected with each other.
 *
 * https://developers.cloudflare.com/workers/runtime-apis/websockets/#websocketpair
 */
const WebSocketPair = function WebSocketPair(): { 0: WebSocket; 1: WebSocket } {
  const [a, b] = makePair();
  return Object.create(WebSocketPair.prototype as object, {
    0: { value: a, enumerable: true },
    1: { value: b, enumerable: true },
  }) as { 0: WebSocket; 1: WebSocket };
};
tag(WebSocketPair as unknown as { prototype: object }, "WebSocketPair");
Object.defineProperty(WebSocketPair.prototype, Symbol.iterator, {
  value: function* (this: { 0: WebSocket; 1: WebSocket }) {
    yield this[0];
    yield this[1];
  },
  configurable: true,
});

defineGlobals({ WebSocket, WebSocketPair });

// https://developers.cloudflare.com/workers/runtime-apis/tcp-sockets/
defineModule("cloudflare:sockets", {
  connect(): never {
    throw new Error("connect() of cloudflare:sockets is not implemented in doemu yet.");
  },
});
