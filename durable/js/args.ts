// Checks of arguments, with the errors that workerd's bindings give.

/** The error for an argument of a wrong type. */
export const wrongType = (method: string, className: string, n: number, type: string): TypeError =>
  new TypeError(`Failed to execute '${method}' on '${className}': parameter ${n} is not of type '${type}'.`);

/** An options argument: an object, or nothing. */
export function optionsArgument<T extends object>(
  value: unknown,
  method: string,
  className: string,
  n: number,
  type: string,
): Partial<T> {
  if (value === undefined || value === null) return {};
  if (typeof value !== "object" && typeof value !== "function") throw wrongType(method, className, n, type);
  return value as Partial<T>;
}

/** Runs a check and its work so that every failure is a rejection. */
export async function rejecting<T>(work: () => T): Promise<Awaited<T>> {
  return await work();
}

/** A number as WebIDL's long takes it. */
export function int32(value: unknown): number {
  const n = Math.trunc(Number(value));
  if (Number.isNaN(n)) return 0;
  if (n < -2147483648 || n > 2147483647) {
    throw new TypeError("Value out of range. Must be between -2147483648 and 2147483647 (inclusive).");
  }
  return n;
}

/** A moment in milliseconds since 1970: a Date or a number. */
export function moment(value: unknown, method: string, className: string): number {
  const ms = value instanceof Date ? value.getTime() : value;
  if (typeof ms !== "number") throw wrongType(method, className, 1, "date");
  if (!Number.isFinite(ms)) throw new TypeError("The value cannot be converted because it is not a valid Date.");
  if (ms > 6917529027641) throw new TypeError("This API doesn't support dates after 2189.");
  return Math.trunc(ms);
}

/** Makes a property a lazy, enumerable, own one, as the properties of workerd's resource types are. */
export function ownProperty<T extends object>(target: T, name: string, get: () => unknown, writable = false): void {
  Object.defineProperty(target, name, {
    get,
    ...(writable && {
      set(value: unknown) {
        Object.defineProperty(target, name, { value, writable: true, enumerable: true, configurable: true });
      },
    }),
    enumerable: true,
    configurable: true,
  });
}

/** A guard of classes that only the platform may construct. */
export const internal = Symbol("internal");

/** Throws what `new` gives for a class that programs cannot construct. */
export function onlyInternal(key: unknown): void {
  if (key !== internal) throw new TypeError("Illegal constructor");
}
