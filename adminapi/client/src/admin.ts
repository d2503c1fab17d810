// The admin API, typed by its OpenAPI document.

import createClient, { type Client } from "openapi-fetch";
import type { Endpoint } from "./api.js";
import { failureOf } from "./errors.js";
import type { components, paths } from "./openapi.js";

/** A client of the admin API: GET, POST, PUT, DELETE with the paths of the OpenAPI document. Failures throw. */
export type Admin = Client<paths>;

/** The types of the OpenAPI document by name. */
export type Schemas = components["schemas"];

/** Makes a client of an admin API. */
export function createAdmin({ adminUrl, token }: Pick<Endpoint, "adminUrl" | "token">): Admin {
  const client = createClient<paths>({ baseUrl: adminUrl });
  client.use({
    onRequest({ request }) {
      if (token !== undefined) request.headers.set("Authorization", `Bearer ${token}`);
      return request;
    },
    async onResponse({ response }) {
      if (!response.ok) throw failureOf(response.status, await response.text());
      return response;
    },
  });
  return client;
}
