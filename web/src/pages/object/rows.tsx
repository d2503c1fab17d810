import { ArrowDown, ArrowUp, ChevronLeft, ChevronRight, Database, Filter as FilterIcon, Plus, Trash2, X } from "lucide";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Column, Table } from "../../api/client";
import { useResource } from "../../live/resource";
import {
  countQuery, deleteQuery, editText, identityOf, insertQuery, kindOf, likelyKind, operators, pageRows, parseCell, rowsQuery, showCell, updateQuery,
  type Cell, type CellKind, type Filter, type Operator, type Order,
} from "../../logic/cells";
import { count } from "../../logic/size";
import { confirm } from "../../parts/dialog";
import { Empty, Notice } from "../../parts/empty";
import { Icon } from "../../parts/icon";
import { isOf, titleOf } from "../../parts/name";
import { attempt } from "../../parts/toast";
import { ToolButton, useObject } from "./object";
import { useFacet } from "./place";
import { change, query } from "./query";

interface Row {
  /** The literals that identify it; empty if it cannot be edited. */
  key: string[];
  cells: Cell[];
}

interface Place {
  row: number;
  column: number;
}

/** The rows of a table, page by page: filtered, sorted, edited. */
export function TableRows({ table, readonly }: { table: Table; readonly: boolean }) {
  const { object, path, refresh: refreshObject } = useObject();
  const facet = useFacet();
  const [filters, setFilters] = useState<Filter[]>([]);
  const [order, setOrder] = useState<Order>();
  const [offset, setOffset] = useState(0);
  const [editing, setEditing] = useState<Place>();
  const [adding, setAdding] = useState(false);
  const identity = identityOf(table);
  const editable = identity !== undefined && !readonly;
  const { data, error, refresh } = useResource(
    `rows ${object.id} ${table.sql} ${JSON.stringify([filters, order, offset, facet])}`,
    async () => {
      const [rows, total] = await query(path, facet, [rowsQuery(table, filters, order, offset), countQuery(table, filters)], { readonly: true });
      const width = identity?.length ?? 0;
      return {
        rows: (rows!.rows as Cell[][]).slice(0, pageRows).map((cells): Row => ({ key: cells.slice(0, width).map(String), cells: cells.slice(width) })),
        total: total!.rows[0]![0] as number,
      };
    },
    (event) => isOf(event, object.namespace, object),
  );
  useEffect(() => setOffset(0), [filters, order]);

  const update = async (row: Row, column: Column, value: Cell) => {
    setEditing(undefined);
    await attempt(() => change(path, updateQuery(table, row.key, column.name, value)), `${table.name}.${column.name} is changed`);
    await refresh();
  };
  const remove = async (row: Row) => {
    const { yes } = await confirm({
      title: `Delete this row of ${table.name}?`,
      what: table.columns.map((column, n) => `${column.name}: ${showCell(row.cells[n]!).slice(0, 200)}`),
      text: `It goes from the storage of ${titleOf(object)}.`,
      action: "Delete the row",
    });
    if (!yes) return;
    await attempt(() => change(path, deleteQuery(table, row.key)), "The row is deleted");
    await Promise.all([refresh(), refreshObject()]);
  };
  const insert = async (values: Map<string, Cell>) => {
    const done = await attempt(async () => (await change(path, insertQuery(table, values)), true), "The row is added");
    if (done) setAdding(false);
    await Promise.all([refresh(), refreshObject()]);
  };
  const sort = (column: string) => setOrder(order?.column !== column ? { column, descending: false } : order.descending ? undefined : { column, descending: true });

  return (
    <>
      <div class="toolbar">
        <Filters table={table} filters={filters} change={setFilters} />
        {editable && (
          <ToolButton icon={Plus} does={() => setAdding(true)}>
            Add a row
          </ToolButton>
        )}
      </div>
      {error && <Notice icon={Database} kind="red">{error}</Notice>}
      <Grid
        table={table}
        rows={data?.rows ?? []}
        ready={!!data}
        editable={editable}
        order={order}
        sort={sort}
        editing={editing}
        edit={setEditing}
        update={update}
        remove={remove}
        draft={adding && <Draft table={table} save={insert} leave={() => setAdding(false)} />}
        filtered={filters.length > 0}
      />
      <footer class="foot dim">
        <span>
          {data && data.rows.length > 0 ? `${count(offset + 1)}–${count(offset + data.rows.length)} of ${count(data.total)}` : ""}
          {identity === undefined && " · a view, or without a rowid: read only"}
        </span>
        <span class="bar tight">
          <button type="button" class="button plain small square" aria-label="Page before" disabled={offset === 0} onClick={() => setOffset(Math.max(0, offset - pageRows))}>
            <Icon of={ChevronLeft} />
          </button>
          <button type="button" class="button plain small square" aria-label="Next page" disabled={!data || offset + data.rows.length >= data.total} onClick={() => setOffset(offset + pageRows)}>
            <Icon of={ChevronRight} />
          </button>
        </span>
      </footer>
    </>
  );
}

function Filters({ table, filters, change }: { table: Table; filters: Filter[]; change: (filters: Filter[]) => void }) {
  const [draft, setDraft] = useState<Filter>();
  const valueless = draft?.operator === "null" || draft?.operator === "not null";
  return (
    <div class="bar grow">
      {filters.map((filter, n) => (
        <button key={n} type="button" class="chip" aria-pressed="true" title="Take this filter off" onClick={() => change(filters.filter((_, other) => other !== n))}>
          {filter.column} {operators[filter.operator]} {filter.operator.includes("null") ? "" : filter.value}
          <Icon of={X} />
        </button>
      ))}
      {draft ? (
        <form
          class="bar tight"
          onSubmit={(event) => {
            event.preventDefault();
            change([...filters, draft]);
            setDraft(undefined);
          }}
        >
          <select class="field" aria-label="Column" value={draft.column} onChange={(event) => setDraft({ ...draft, column: event.currentTarget.value })}>
            {table.columns.map((column) => (
              <option key={column.name}>{column.name}</option>
            ))}
          </select>
          <select class="field" aria-label="Comparison" value={draft.operator} onChange={(event) => setDraft({ ...draft, operator: event.currentTarget.value as Operator })}>
            {(Object.keys(operators) as Operator[]).map((operator) => (
              <option key={operator} value={operator}>
                {operators[operator]}
              </option>
            ))}
          </select>
          {!valueless && <input class="field" autofocus aria-label="Value" value={draft.value} onInput={(event) => setDraft({ ...draft, value: event.currentTarget.value })} />}
          <button type="submit" class="button small primary">
            Filter
          </button>
          <button type="button" class="button plain small" onClick={() => setDraft(undefined)}>
            Leave
          </button>
        </form>
      ) : (
        <button type="button" class="chip" onClick={() => setDraft({ column: table.columns[0]?.name ?? "", operator: "contains", value: "" })}>
          <Icon of={FilterIcon} />
          Filter
        </button>
      )}
    </div>
  );
}

interface GridProps {
  table: Table;
  rows: Row[];
  ready: boolean;
  editable: boolean;
  order: Order | undefined;
  sort: (column: string) => void;
  editing: Place | undefined;
  edit: (place: Place | undefined) => void;
  update: (row: Row, column: Column, value: Cell) => void;
  remove: (row: Row) => void;
  draft: preact.ComponentChildren;
  filtered: boolean;
}

function Grid({ table, rows, ready, editable, order, sort, editing, edit, update, remove, draft, filtered }: GridProps) {
  const grid = useRef<HTMLTableElement>(null);
  const [active, setActive] = useState<Place>({ row: 0, column: 0 });
  const focus = (row: number, column: number) => {
    const to = { row: Math.min(Math.max(row, 0), rows.length - 1), column: Math.min(Math.max(column, 0), table.columns.length - 1) };
    setActive(to);
    grid.current?.querySelector<HTMLElement>(`[data-cell="${to.row}:${to.column}"]`)?.focus();
  };
  const keys = (event: KeyboardEvent, at: Place) => {
    const moves: Record<string, [number, number]> = { ArrowDown: [1, 0], ArrowUp: [-1, 0], ArrowRight: [0, 1], ArrowLeft: [0, -1] };
    const move = moves[event.key];
    if (event.target !== event.currentTarget) return;
    if (move) focus(at.row + move[0], at.column + move[1]);
    else if ((event.key === "Enter" || event.key === "F2") && editable) edit(at);
    else if ((event.key === "Delete" || event.key === "Backspace") && event.shiftKey && editable) remove(rows[at.row]!);
    else return;
    event.preventDefault();
  };
  const leave = (at: Place) => {
    edit(undefined);
    requestAnimationFrame(() => focus(at.row, at.column));
  };

  return (
    <div class="grid" tabIndex={rows.length === 0 ? 0 : -1} aria-label={`Rows of ${table.name}`} role="region">
      <table ref={grid} role="grid" aria-label={`Rows of ${table.name}`}>
        <thead>
          <tr>
            {table.columns.map((column) => (
              <th key={column.name} scope="col" aria-sort={order?.column === column.name ? (order.descending ? "descending" : "ascending") : "none"}>
                <button type="button" onClick={() => sort(column.name)} title={`Sort by ${column.name}`}>
                  {column.name}
                  <span class="type">
                    {column.type.toLowerCase()}
                    {column.primaryKey > 0 && " key"}
                  </span>
                  {order?.column === column.name && <Icon of={order.descending ? ArrowDown : ArrowUp} />}
                </button>
              </th>
            ))}
            {editable && (
              <th scope="col">
                <span class="hidden">Delete</span>
              </th>
            )}
          </tr>
        </thead>
        <tbody>
          {draft}
          {rows.map((row, r) => (
            <tr key={row.key.join(" ") || r}>
              {table.columns.map((column, c) => {
                const cell = row.cells[c] ?? null;
                const here = editing?.row === r && editing.column === c;
                const kind = kindOf(cell);
                return (
                  <td
                    key={column.name}
                    data-cell={`${r}:${c}`}
                    class={`cell ${here ? "editing" : kind === "number" ? "num" : kind}`}
                    tabIndex={active.row === r && active.column === c ? 0 : -1}
                    title={here ? undefined : showCell(cell)}
                    onFocus={() => setActive({ row: r, column: c })}
                    onKeyDown={(event) => keys(event, { row: r, column: c })}
                    onDblClick={() => editable && edit({ row: r, column: c })}
                  >
                    {here ? <CellEditor column={column} was={cell} save={(value) => (update(row, column, value), leave({ row: r, column: c }))} leave={() => leave({ row: r, column: c })} /> : showCell(cell)}
                  </td>
                );
              })}
              {editable && (
                <td class="tools">
                  <button type="button" class="button plain small square danger" aria-label="Delete the row" title="Delete the row" tabIndex={-1} onClick={() => remove(row)}>
                    <Icon of={Trash2} />
                  </button>
                </td>
              )}
            </tr>
          ))}
        </tbody>
      </table>
      {ready && rows.length === 0 && !draft && <Empty icon={Database} title={filtered ? "No row is like that" : `${table.name} has no rows`} />}
    </div>
  );
}

const kinds: Record<CellKind, string> = { text: "text", number: "number", null: "NULL", blob: "blob, hex" };

function CellEditor({ column, was, save, leave }: { column: Column; was: Cell; save: (value: Cell) => void; leave: () => void }) {
  const [text, setText] = useState(editText(was));
  const [kind, setKind] = useState(likelyKind(column, was));
  const parsed = parseCell(text, kind);
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => box.current?.querySelector("textarea")?.select(), []);
  const keys = (event: KeyboardEvent) => {
    if (event.key === "Escape") leave();
    else if (event.key === "Enter" && !event.shiftKey && "value" in parsed) save(parsed.value);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div class="cell-editor" ref={box} onKeyDown={keys}>
      <textarea
        rows={Math.min(8, Math.max(1, text.split("\n").length, Math.ceil(text.length / 60)))}
        class="mono"
        aria-label={`${column.name}`}
        aria-invalid={"problem" in parsed}
        disabled={kind === "null"}
        value={kind === "null" ? "" : text}
        spellcheck={false}
        onInput={(event) => setText(event.currentTarget.value)}
      />
      <div class="bar tight">
        <select aria-label="Type" class="field" value={kind} onChange={(event) => setKind(event.currentTarget.value as CellKind)}>
          {(Object.keys(kinds) as CellKind[]).map((one) => (
            <option key={one} value={one}>
              {kinds[one]}
            </option>
          ))}
        </select>
        <span class="red grow cut">{"problem" in parsed && parsed.problem}</span>
        <button type="button" class="button small" onClick={leave}>
          Leave
        </button>
        <button type="button" class="button small primary" disabled={"problem" in parsed} onClick={() => "value" in parsed && save(parsed.value)}>
          Save
        </button>
      </div>
    </div>
  );
}

/** A row that is to be added: what is left empty gets the column's default. */
function Draft({ table, save, leave }: { table: Table; save: (values: Map<string, Cell>) => void; leave: () => void }) {
  const [texts, setTexts] = useState<Record<string, string>>({});
  const values = new Map<string, Cell>();
  for (const column of table.columns) {
    const text = texts[column.name];
    if (text === undefined || text === "") continue;
    const parsed = parseCell(text, likelyKind(column, null));
    values.set(column.name, "value" in parsed ? parsed.value : text);
  }
  const keys = (event: KeyboardEvent) => {
    if (event.key === "Escape") leave();
    else if (event.key === "Enter") save(values);
    else return;
    event.preventDefault();
  };
  return (
    <tr class="draft" onKeyDown={keys}>
      {table.columns.map((column, n) => (
        <td key={column.name} class="editing">
          <input
            class="mono"
            autofocus={n === 0}
            aria-label={`${column.name} of the new row`}
            placeholder={column.default === null ? (column.notNull ? "needed" : "NULL") : String(column.default)}
            value={texts[column.name] ?? ""}
            onInput={(event) => setTexts({ ...texts, [column.name]: event.currentTarget.value })}
          />
        </td>
      ))}
      <td class="tools">
        <span class="bar tight">
          <button type="button" class="button small primary" onClick={() => save(values)}>
            Add
          </button>
          <button type="button" class="button small" onClick={leave}>
            Leave
          </button>
        </span>
      </td>
    </tr>
  );
}
