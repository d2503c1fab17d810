import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { useVirtual } from "./virtual";

export interface TableColumn<Row> {
  title: string;
  /** A track of CSS's grid. */
  width: string;
  /** The track on a phone; undefined if the column is not shown there. */
  narrow?: string;
  cell: (row: Row) => ComponentChildren;
  align?: "right";
}

interface TableProps<Row> {
  label: string;
  columns: TableColumn<Row>[];
  rows: Row[];
  keyOf: (row: Row) => string;
  /** What a click, or Enter, on a row does. */
  open?: (row: Row) => void;
  /** Whether a row is the one that is looked at. */
  isChosen?: (row: Row) => boolean;
  /** Called with the first and the last row that can be seen. */
  seen?: (first: number, last: number) => unknown;
  /** What stands in place of rows when there are none. */
  empty?: ComponentChildren;
  /** How many there are, as far as that is known. */
  total?: number | undefined;
}

const rowHeight = 34;
const headHeight = 32;

/** A table of any length, of which only what is seen is in the page. Arrow keys go through its rows. */
export function Table<Row>({ label, columns, rows, keyOf, open, isChosen, seen, empty, total }: TableProps<Row>) {
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtual({ count: rows.length, scroller, rowHeight, above: headHeight, keyOf: (index) => (rows[index] ? keyOf(rows[index]) : index) });
  const [active, setActive] = useState(0);
  const focusNext = useRef(false);
  const first = virtual.items[0]?.index ?? 0;
  const last = virtual.items.at(-1)?.index ?? 0;

  useEffect(() => {
    seen?.(first, last);
  }, [first, last, rows.length]);
  useEffect(() => {
    if (!focusNext.current) return;
    const row = scroller.current?.querySelector<HTMLElement>(`[data-index="${active}"]`);
    if (row) {
      focusNext.current = false;
      row.focus({ preventScroll: true });
    }
  });

  const move = (event: KeyboardEvent) => {
    if ((event.target as HTMLElement).closest("input, select, textarea") || event.metaKey || event.ctrlKey || event.altKey) return;
    const steps: Record<string, number> = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1, PageDown: 15, PageUp: -15, Home: -rows.length, End: rows.length };
    const step = steps[event.key];
    if (step !== undefined) {
      event.preventDefault();
      const to = Math.min(Math.max(active + step, 0), rows.length - 1);
      focusNext.current = true;
      setActive(to);
      virtual.show(to);
    } else if (event.key === "Enter" && open && (event.target as HTMLElement).dataset["index"] !== undefined && rows[active]) {
      event.preventDefault();
      open(rows[active]);
    }
  };

  const tracks = {
    "--cols": columns.map((column) => column.width).join(" "),
    "--cols-narrow": columns.flatMap((column) => column.narrow ?? []).join(" "),
  };
  const classOf = (column: TableColumn<Row>) => [column.narrow ? "" : "wide", column.align === "right" ? "num" : ""].join(" ");
  if (rows.length === 0 && empty) return <div class="table">{empty}</div>;
  return (
    <div class="table" ref={scroller} role="table" aria-label={label} aria-rowcount={(total ?? rows.length) + 1} style={tracks} onKeyDown={move}>
      <div role="rowgroup">
        <div class="head" role="row" aria-rowindex={1}>
          {columns.map((column) => (
            <div key={column.title} role="columnheader" class={classOf(column)}>
              {column.title}
            </div>
          ))}
        </div>
      </div>
      <div class="rows" role="rowgroup" style={{ height: `${virtual.height}px` }}>
        {virtual.items.map((item) => {
          const row = rows[item.index];
          if (!row) return null;
          return (
            <div
              key={item.key}
              class={`row${open ? " open" : ""}${isChosen?.(row) ? " chosen" : ""}`}
              role="row"
              aria-rowindex={item.index + 2}
              data-index={item.index}
              tabIndex={item.index === Math.min(active, rows.length - 1) ? 0 : -1}
              style={{ transform: `translateY(${item.start - virtual.above}px)` }}
              onFocus={() => setActive(item.index)}
              onClick={(event) => {
                if (open && !(event.target as HTMLElement).closest("a, button, input")) open(row);
              }}
            >
              {columns.map((column) => (
                <div key={column.title} role="cell" class={classOf(column)}>
                  {column.cell(row)}
                </div>
              ))}
            </div>
          );
        })}
      </div>
    </div>
  );
}
