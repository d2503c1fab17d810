// The globals that are too small for a place of their own.

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

defineGlobals({
  self: globalThis,
  navigator: new Navigator(),
  Navigator,
});
Object.defineProperty(globalThis, "Cloudflare", {
  value: Object.defineProperty({}, "compatibilityFlags", { get: flags, enumerable: true }),
  configurable: true,
});
