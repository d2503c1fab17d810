// `new WebSocket(url)`: a client of a server elsewhere.

import { callerLine } from "../caller.ts";
import { DOMException } from "../errors.ts";
import { flag } from "../flags.ts";
import { fetch } from "../http/fetch.ts";
import { connected, notConnected, releaseForResponse, socketState, type WebSocket } from "./websocket.ts";

const refuse = (why: string): DOMException => new DOMException(`WebSocket Constructor: ${why}`, "SyntaxError");
const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** Connects a new client socket. */
export function openClient(socket: WebSocket, url: string, protocols: unknown): void {
  if (!URL.canParse(url)) throw refuse("The url is invalid.");
  const address = new URL(url);
  if (address.protocol !== "ws:" && address.protocol !== "wss:") throw refuse("The url scheme must be ws or wss.");
  if (address.hash !== "") throw refuse("The url fragment must be empty.");
  const names = protocols === undefined ? [] : Array.isArray(protocols) ? protocols.map(String) : [String(protocols)];
  if (names.some((name) => !token.test(name))) {
    throw refuse(Array.isArray(protocols) ? "One of the protocol header tokens is invalid." : "The protocol header token is invalid.");
  }
  if (new Set(names).size !== names.length) throw refuse("The protocols header cannot have repeating values.");
  socketState(socket).url = address.href;
  void connect(socket, callerLine(), address.href, names);
}

async function connect(socket: WebSocket, source: string, url: string, protocols: string[]): Promise<void> {
  try {
    const headers: Record<string, string> = { Upgrade: "websocket" };
    // As browsers do.
    if (flag("web_socket_compression")) headers["Sec-WebSocket-Extensions"] = "permessage-deflate";
    if (protocols.length > 0) headers["Sec-WebSocket-Protocol"] = protocols.join(", ");
    const response = await fetch(url.replace(/^ws/, "http"), { headers });
    if (response.webSocket === null) {
      throw new TypeError(
        "Failed to establish the WebSocket connection: expected server to reply with HTTP status code 101 " +
          `(switching protocols), but received ${response.status} instead.`,
      );
    }
    connected(socket, source, releaseForResponse(response.webSocket), response.headers.get("sec-websocket-protocol"),
      response.headers.get("sec-websocket-extensions"));
  } catch (error) {
    notConnected(socket, error);
  }
}
