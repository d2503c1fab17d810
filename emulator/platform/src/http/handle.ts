// Requests that Go delivers, and their answers.

import { inspect } from "../console/inspect.ts";
import { errorText, stackLines, thrownText } from "../errors.ts";
import { host, on } from "../kernel.ts";
import { incomingRequest, type Request } from "./request.ts";
import { outgoingResponse, Response } from "./response.ts";

type Handler = (request: Request) => unknown;

const handlers = new Map<number, Handler>();

/** Sets what answers the requests for a target: an object in this heap, or (-1) the Worker. */
export function setFetchHandler(target: number, handler: Handler): void {
  handlers.set(target, handler);
}

on("fetch", (id, target, method, url, headers, body, cf) => {
  let result: unknown;
  try {
    result = handlers.get(target)!(incomingRequest(id, method, url, headers, body, cf));
  } catch (error) {
    fail(id, error);
    return;
  }
  if (result instanceof Response) {
    respond(id, result);
  } else {
    settle(id, result);
  }
});

function settle(id: number, result: unknown): void {
  Promise.resolve(result).then(
    (response) => {
      if (response instanceof Response) respond(id, response);
      else fail(id, new TypeError("Incorrect type for Promise: the Promise did not resolve to 'Response'."));
    },
    (error: unknown) => fail(id, error),
  );
}

function respond(id: number, response: Response): void {
  try {
    host["fetch.respond"](id, ...outgoingResponse(response));
  } catch (error) {
    fail(id, error);
  }
}

function fail(id: number, error: unknown): void {
  const flags: Record<string, unknown> = {};
  let name = "Error";
  let message = thrownText(error).slice("Error: ".length);
  if (error instanceof Error) {
    name = error.name;
    message = error.message;
    for (const key of ["retryable", "overloaded", "durableObjectReset"]) {
      if ((error as unknown as Record<string, unknown>)[key] === true) flags[key] = true;
    }
  }
  const shown = thrownText(error);
  const logged = error instanceof Error ? errorText(error, inspect) : shown;
  host["fetch.fail"](id, name, message, JSON.stringify({ ...flags, remote: true }), shown, logged, error instanceof Error ? stackLines(error) : "");
}
