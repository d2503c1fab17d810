// The rest of a path behind a result that has come.

import { ServiceNode } from "./service_stub.ts";
import { pathText } from "./host.ts";
import { missing } from "./lookup.ts";
import { copy, type Outgoing } from "./payload.ts";
import { nodeOf, sendPacked, StubNode } from "./stub.ts";

/**
 * Follows a path of names from a result, and calls or gets what is there. Stubs take the rest of the path
 * to their own side; in what came by value only plain objects have members.
 */
export async function walk(value: unknown, path: string[], get: boolean, args: Outgoing): Promise<unknown> {
  let at = value;
  for (let n = 0; ; n++) {
    const node = nodeOf(at);
    if (node instanceof StubNode || node instanceof ServiceNode) {
      const rest = path.slice(n);
      if (get && rest.length === 0) break;
      return sendPacked(node.callee, pathText(rest), get, args);
    }
    if (n === path.length) break;
    const name = path[n]!;
    const plain = typeof at === "object" && at !== null && Object.getPrototypeOf(at) === Object.prototype;
    if (!plain || !Object.hasOwn(at as object, name)) {
      args.drop();
      throw missing(name);
    }
    at = (at as Record<string, unknown>)[name];
  }
  args.drop();
  if (get) return copy(at);
  throw new TypeError(`"${path.length === 0 ? "(this)" : path.join(".")}" is not a function.`);
}
