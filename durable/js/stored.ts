// Values as they are stored.

import { flag } from "doemu-internal:platform/flags.ts";
import { deserializePersistent, serializePersistent } from "doemu-internal:platform/rpc/persistent.ts";
import { deserialize, serialize } from "doemu-internal:platform/serialize/index.ts";

// Stubs and classes can be stored only by those who take it that what they lead to may always be called.
const storesStubs = (): boolean => flag("allow_irrevocable_stub_storage");

/** A value's bytes; throws a DataCloneError for what cannot be stored. */
export const store = (value: unknown): Uint8Array<ArrayBuffer> => (storesStubs() ? serializePersistent(value) : serialize(value));

/** The value of stored bytes. */
export const restore = (bytes: ArrayBuffer): unknown => (storesStubs() ? deserializePersistent(bytes) : deserialize(bytes));
