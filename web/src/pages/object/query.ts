import { api, result, type Rows } from "../../api/client";
import type { Statement } from "../../logic/cells";
import type { ObjectPage } from "./object";

/** Runs statements on an object's database, all or none. */
export function query(path: ObjectPage["path"], facet: string[] | undefined, queries: Statement[], options: { readonly?: boolean; limit?: number } = {}): Promise<Rows[]> {
  return result(
    api.POST("/api/v1/namespaces/{namespace}/objects/{object}/storage/query", {
      params: { path, ...(facet && { query: { facet } }) },
      body: { queries, ...options },
    }),
  );
}

/** Runs a statement that changes one row. */
export async function change(path: ObjectPage["path"], statement: Statement): Promise<void> {
  const [, counted] = await query(path, undefined, [statement, { sql: "SELECT changes()", params: [] }]);
  if (counted?.rows[0]?.[0] === 0) throw new Error("The row is not there any more: nothing was changed.");
}
