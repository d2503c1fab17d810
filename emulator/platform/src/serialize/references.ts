// What values may hold by reference when they cross between isolates. The rpc folder implements it.

import type { Writer } from "./writer.ts";

/** What a reference leads to: a stub, a service, a stream to read, a stream to write. */
export type ReferenceKind = "s" | "f" | "r" | "w";

/** Takes the references of a value that is written. */
export interface OutgoingReferences {
  /** Whether stubs among the arguments stay the sender's: each gets a duplicate. */
  readonly duplicates: boolean;
  /** Whether the value outlives the isolate: only what has a token may be in it, and objects of programs' classes. */
  readonly tokens?: true;
  /** Writes a function, a proxy or a stub. */
  write(to: Writer, value: object): void;
  /** Adds a reference by its number in this isolate. */
  add(number: number): void;
  /** Does something when the value has been written as a whole. */
  afterwards(work: () => void): void;
}

/** Gives the references of a value that is read, in their order. */
export interface IncomingReferences {
  /** The number of the next reference, which must be of this kind. */
  next(kind: ReferenceKind): number;
}
