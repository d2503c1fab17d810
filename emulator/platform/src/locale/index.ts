import { dateMethods } from "./date.ts";
import { bigintMethods, numberMethods } from "./number.ts";
import { stringMethods } from "./string.ts";

function replace(prototype: object, methods: object): void {
  for (const name of Object.getOwnPropertyNames(methods)) {
    if (name === "constructor") continue;
    const value: unknown = (methods as Record<string, unknown>)[name];
    Object.defineProperty(prototype, name, { value, writable: true, configurable: true, enumerable: false });
  }
}

replace(Number.prototype, numberMethods);
replace(BigInt.prototype, bigintMethods);
replace(Date.prototype, dateMethods);
replace(String.prototype, stringMethods);
