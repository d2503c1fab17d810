// The admin API, typed by its OpenAPI document.

import createClient, { type Client } from "openapi-fetch";
import { AdminError, readFailure } from "./errors.js";
import type { components, paths } from "./openapi.js";

/** A client of the admin API: GET, POST, PUT, DELETE with the paths of the OpenAPI document. Failures throw. */
export type Admin = Client<paths>;

/** The types of the OpenAPI document by name. */
export type Schemas = components["schemas"];

// The tests of a program may replace the global one.
const { fetch: nativeFetch } = globalThis;

/** Where an admin API is, and the token that it takes. */
export interface Endpoint {
  /** The URL of the Worker. */
  url: string;
  /** The URL of the admin API; that of a world ends in /worlds/<id>. */
  adminUrl: string;
  token?: string | undefined;
}

/** Makes a client of an admin API. */
export function createAdmin({ adminUrl, token }: Pick<Endpoint, "adminUrl" | "token">): Admin {
  const client = createClient<paths>({ baseUrl: adminUrl, fetch: (request: Request) => send(request) });
  client.use({
    onRequest({ request }) {
      if (token !== undefined) request.headers.set("Authorization", `Bearer ${token}`);
      return request;
    },
    async onResponse({ response }) {
      if (!response.ok) throw await readFailure(response);
      return response;
    },
  });
  return client;
}

/** Sends a request to doemu; that nobody listens is said in doemu's words. */
export async function send(input: string | Request, init?: RequestInit): Promise<Response> {
  try {
    return await nativeFetch(input, init);
  } catch (error) {
    if (error instanceof TypeError) {
      const at = new URL(typeof input === "string" ? input : input.url).host;
      throw new AdminError(0, `doemu does not answer at ${at}: it has ended, or this test's world has (${String(error.cause ?? error.message)}).`);
    }
    throw error;
  }
}
