import { Database, SquareTerminal, Table2 } from "lucide";
import { Empty } from "../../parts/empty";
import { Icon } from "../../parts/icon";
import { count } from "../../logic/size";
import { api, page } from "../../api/client";
import { useResource } from "../../live/resource";
import { isOf } from "../../parts/name";
import { route, setQuery } from "../../route";
import { Console } from "./console";
import { useObject } from "./object";
import { FacetChoice, useFacet } from "./place";
import { TableRows } from "./rows";

/** The tables of an object, and a console for its database. */
export function Sql() {
  const { object, path } = useObject();
  const facet = useFacet();
  const { data } = useResource(
    `tables ${object.namespace} ${object.id} ${facet?.join("/")}`,
    async () => (await page(api.GET("/api/v1/namespaces/{namespace}/objects/{object}/storage/tables", { params: { path, ...(facet && { query: { facet } }) } }))).items,
    (event) => isOf(event, object.namespace, object),
  );
  const tables = data ?? (facet ? [] : object.tables);
  const asked = route.value.query.get("table");
  const table = asked === null ? tables[0] : tables.find((one) => one.name === asked);
  const inConsole = route.value.query.has("console") || tables.length === 0;
  return (
    <div class="split sql">
      <nav class="side tables" aria-label="Tables">
        <FacetChoice />
        <button type="button" class="item" aria-current={inConsole ? "true" : undefined} onClick={() => setQuery({ console: "1" })}>
          <Icon of={SquareTerminal} />
          Console
        </button>
        {tables.map((one) => (
          <button key={one.name} type="button" class="item" aria-current={!inConsole && one === table ? "true" : undefined} onClick={() => setQuery({ table: one.name, console: undefined })} title={one.sql}>
            <Icon of={one.type === "view" ? Database : Table2} />
            <span class="cut grow">{one.name}</span>
            <span class="faint n">{count(one.rows)}</span>
          </button>
        ))}
        {tables.length === 0 && <p class="dim pad">No tables yet.</p>}
      </nav>
      <div class="detail">
        {inConsole ? (
          <Console tables={tables} />
        ) : table ? (
          <TableRows key={`${table.name} ${facet?.join("/")}`} table={table} readonly={facet !== undefined} />
        ) : (
          <Empty icon={Table2} title={`There is no table ${asked}`} />
        )}
      </div>
    </div>
  );
}
