// What Go offers for calls between isolates, and what it delivers: see platform/rpc.go, ref.go and
// exported.go. References are known by numbers of this isolate; several stand in a text, between commas.

import type { Bytes } from "../kernel.ts";

/**
 * A value as it crosses: a primitive itself, anything else serialized; what comes and JSON can say whole is
 * there already. See payload.ts.
 */
export type Wire = undefined | null | boolean | number | string | Bytes | object;

declare module "../kernel.ts" {
  interface Host {
    /** Calls, or gets a property of, what a reference leads to. The path is as pathText makes it. */
    "rpc.call"(ref: number, path: string, get: boolean, args: Bytes | undefined, refs: string): Promise<Wire>;
    /** Answers a call that was delivered. Of the refs the one to dispose of with the value has a d before it. */
    "rpc.return"(call: number, result: Wire, refs: string): void;
    "rpc.throw"(
      call: number, className: string, message: string, props: string | undefined, thrown: Bytes | undefined, stack: string,
    ): void;
    /**
     * A reference to a value of this isolate, which knows it by the number given. It belongs to a session, or
     * to the event that is under way.
     */
    "rpc.export"(number: number, session: boolean): number;
    /** A value with references as the isolate itself would receive it. */
    "rpc.own"(value: Bytes, refs: string): Wire;
    "rpc.dup"(ref: number): number;
    "rpc.drop"(ref: number): void;
    /** The name of what a reference to a service leads to, and a reference to what has a name. */
    "rpc.token"(ref: number): string;
    "rpc.fromToken"(token: string): number;
    /** A fetcher handle for a reference to a service. */
    "rpc.fetcher"(ref: number): number;
    /** A stream: the number of its readable end, and a reference to the writable one. */
    "rpc.pipe"(): [body: number, ref: number];
  }
  interface Events {
    "rpc.deliver": [call: number, exported: boolean, target: number, path: string, get: boolean, args: Wire];
    /** Nobody has a stub of an exported value any more. */
    "rpc.release": [number: number];
    /** The events are over: what belongs to no session cannot be called any more. */
    "rpc.revoke": [];
  }
}

/** The names that lead from a stub to what is called: one as it is, several as JSON. */
export const pathText = (names: string[]): string =>
  names.length === 1 && !names[0]!.startsWith("[") ? names[0]! : JSON.stringify(names);

/** The names of a path. */
export const pathNames = (text: string): string[] => (text.startsWith("[") ? (JSON.parse(text) as string[]) : [text]);
