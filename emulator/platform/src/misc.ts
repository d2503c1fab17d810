// The globals that are too small for a place of their own, and those of QuickJS that Workers lack.

import { flags } from "./flags.ts";
import { defineGlobals, tag } from "./globals.ts";

class Navigator {
  /** "Cloudflare-Workers", by which libraries know where they run. */
  get userAgent(): string {
    return "Cloudflare-Workers";
  }
  get hardwareConcurrency(): number {
    return 1;
  }
  get language(): string {
    return "en";
  }
  get languages(): string[] {
    return ["en"];
  }
}
tag(Navigator, "Navigator");

// What QuickJS has not got throws its name at its first use.
function absent(name: string): object {
  const refuse = (): never => {
    throw new Error(`${name} is not available in doemu: its JavaScript engine, QuickJS, does not have it.`);
  };
  return new Proxy({}, { get: (_, key) => (typeof key === "symbol" ? undefined : refuse()), construct: refuse });
}

defineGlobals({
  self: globalThis,
  navigator: new Navigator(),
  Navigator,
  WebAssembly: absent("WebAssembly"),
  Intl: absent("Intl"),
});
Object.defineProperty(globalThis, "Cloudflare", {
  value: Object.defineProperty({}, "compatibilityFlags", { get: flags, enumerable: true }),
  configurable: true,
});
