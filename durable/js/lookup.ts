// Which method of an object a remote caller can call.

import { DurableObject } from "./class.ts";

type Method = (...args: unknown[]) => unknown;

const reserved = new Set([
  "fetch", "connect", "alarm", "webSocketMessage", "webSocketClose", "webSocketError", "dup", "constructor",
]);

/**
 * The method by a name that callers may use: one of the class or of those it extends, never an own
 * property.
 *
 * https://developers.cloudflare.com/workers/runtime-apis/rpc/visibility/
 */
export function callable(target: object, name: string): Method {
  if (reserved.has(name)) throw new TypeError(`'${name}' is a reserved method and cannot be called over RPC.`);
  if (!(target instanceof DurableObject)) {
    throw new TypeError(
      "The receiving Durable Object does not support RPC, because its class was not declared with `extends " +
        "DurableObject`. In order to enable RPC, make sure your class extends the special class `DurableObject`, which " +
        'can be imported from the module "cloudflare:workers".',
    );
  }
  if (!Object.hasOwn(target, name)) {
    for (let proto = Object.getPrototypeOf(target) as object; proto !== DurableObject.prototype; ) {
      const property = Object.getOwnPropertyDescriptor(proto, name);
      if (property !== undefined) return method(property.get ? property.get.call(target) : property.value, name);
      proto = Object.getPrototypeOf(proto) as object;
    }
  }
  throw new TypeError(`The RPC receiver does not implement the method "${name}".`);
}

function method(value: unknown, name: string): Method {
  if (typeof value !== "function") throw new TypeError(`"${name}" is not a function.`);
  return value as Method;
}
