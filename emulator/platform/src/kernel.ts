// The way into Go: the object that the kernel (emulator/isolate/kernel.js) leaves for the platform
// while a heap image is made. Nothing of it is visible to a user's code.

/** Bytes as Go gives and takes them. */
export type Bytes = ArrayBuffer | Uint8Array<ArrayBuffer>;

/**
 * The functions that Go offers, by name. Each area adds its own to this interface, in a file beside
 * the code that uses them.
 */
export interface Host {
  /** The built-in modules with the names of their exports, as JSON. */
  "modules.define"(json: string): void;
}

/** The events that Go delivers, with the parameters that each has. */
export interface Events {
  /** A promise was rejected and nobody handles it. */
  unhandled: [promise: Promise<unknown>, reason: unknown];
  /** A promise that was rejected before got its first handler. */
  handled: [promise: Promise<unknown>];
}

interface Kernel {
  host: Host;
  on<Name extends keyof Events>(name: Name, handler: (...args: Events[Name]) => void): void;
  errors(
    make: (className: string, message: string, props?: object, thrown?: ArrayBuffer, stack?: string) => unknown,
    describe: (error: unknown) => string,
  ): void;
  module?: (name: string) => Record<string, unknown>;
}

declare const __doemu_kernel: Kernel;

export const kernel = __doemu_kernel;
export const { host, on, errors } = kernel;
