// request.signal of a request that came in: it aborts when who asked has gone before the answer was there.

import { DOMException } from "../errors.ts";
import { flag } from "../flags.ts";
import { host, on } from "../kernel.ts";

declare module "../kernel.ts" {
  interface Host {
    /** From now on tells of the end of a request with fetch.ended; false if that has come. */
    "fetch.watch"(request: number): boolean;
  }
  interface Events {
    /** A request that is watched is over; gone when who asked for it did not wait. */
    "fetch.ended": [request: number, gone: boolean];
  }
}

const watched = new Map<number, InstanceType<typeof AbortController>>();
const ofClients = new WeakSet<AbortSignal>();

/**
 * The signal of the request that Go delivered with a number.
 *
 * https://developers.cloudflare.com/workers/configuration/compatibility-flags/#enable-requestsignal-for-incoming-requests
 */
export function clientSignal(request: number): AbortSignal {
  const known = watched.get(request);
  if (known !== undefined) return known.signal;
  const controller = new AbortController();
  ofClients.add(controller.signal);
  if (host["fetch.watch"](request)) watched.set(request, controller);
  return controller.signal;
}

/** Tells whether a signal means nothing to the requests that a program sends in its turn. */
export const staysHere = (signal: AbortSignal): boolean => ofClients.has(signal) && !flag("request_signal_passthrough");

on("fetch.ended", (request, gone) => {
  const controller = watched.get(request);
  watched.delete(request);
  if (gone) controller?.abort(new DOMException("The client has disconnected", "AbortError"));
});
