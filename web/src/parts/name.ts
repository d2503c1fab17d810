import type { ObjectInfo } from "../api/client";

/** What people call an object: its name, or the beginning of its id. */
export function titleOf(object: { id?: string; object?: string; name?: string }): string {
  if (object.name) return object.name;
  const id = object.id ?? object.object ?? "";
  return id.length > 12 ? id.slice(0, 12) : id;
}

/** The class of a namespace, which is <worker>-<Class>. */
export function classOf(namespace: string): string {
  return namespace.slice(namespace.lastIndexOf("-") + 1);
}

/** Whether an event or an alarm is of an object. */
export function isOf(thing: { namespace?: string; object?: string }, namespace: string, object: Pick<ObjectInfo, "id">): boolean {
  return thing.namespace === namespace && thing.object === object.id;
}
