import { Equal } from "lucide";
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { api, result, type ObjectChange } from "../api/client";
import { run } from "../live/journal";
import { useResource } from "../live/resource";
import { showCell, type Cell } from "../logic/cells";
import { counted } from "../logic/size";
import { dateTime } from "../logic/time";
import { Empty } from "../parts/empty";
import { classOf, titleOf } from "../parts/name";
import { objectHref } from "../route";

type Change = "added" | "removed" | "changed";

const signs: Record<Change, string> = { added: "+", removed: "−", changed: "±" };

/** What differs between a snapshot and another one, or now. */
export function Differences({ from, to }: { from: string; to: string }) {
  const { data, error } = useResource(
    `diff ${from} ${to} ${run.value}`,
    () => result(api.GET("/api/v1/snapshots/{name}/diff/{other}", { params: { path: { name: from, other: to } } })),
    (event) => to === "now" && !!event.object,
    1_500,
  );
  if (error) return <p class="pad red">{error}</p>;
  if (!data) return null;
  if (data.objects.length === 0) {
    return (
      <Empty icon={Equal} title="Nothing differs">
        <p>
          The objects of {from} are {to === "now" ? "now as they were" : `as in ${to}`}.
        </p>
      </Empty>
    );
  }
  return (
    <div class="diff" tabIndex={0} role="region" aria-label="Differences">
      <p class="dim">
        {counted(data.objects.length, "object")} {data.objects.length === 1 ? "differs" : "differ"}
        {data.more && ", and more"}
      </p>
      {data.objects.map((object) => (
        <ObjectDiff key={`${object.namespace} ${object.id}`} of={object} />
      ))}
    </div>
  );
}

function ObjectDiff({ of: object }: { of: ObjectChange }) {
  const [open, setOpen] = useState(true);
  return (
    <section class="object-diff" aria-label={titleOf(object)}>
      <header>
        <button type="button" class="twist" aria-expanded={open} aria-label={`What differs in ${titleOf(object)}`} onClick={() => setOpen(!open)}>
          {open ? "▾" : "▸"}
        </button>
        <Sign of={object.change} />
        <a class="name" href={objectHref(object.namespace, object.id)}>
          <span class="dim">{classOf(object.namespace)}</span> {titleOf(object)}
        </a>
        <span class="faint">{[object.keys.length > 0 && counted(object.keys.length, "key"), object.tables.length > 0 && counted(object.tables.length, "table"), object.alarm && "alarm"].filter(Boolean).join(", ")}</span>
      </header>
      {open && <Changes of={object} />}
    </section>
  );
}

function Changes({ of: object }: { of: ObjectChange }) {
  return (
    <>
      {object.alarm && (
        <Line change={!object.alarm.before ? "added" : object.alarm.after ? "changed" : "removed"} title="alarm">
          {object.alarm.before && <Before>{dateTime(object.alarm.before)}</Before>}
          {object.alarm.after && <After>{dateTime(object.alarm.after)}</After>}
        </Line>
      )}
      {object.keys.map((key) => (
        <Line key={key.key} change={key.change} title={key.key} mono>
          {key.before && <Before>{key.before.preview}</Before>}
          {key.after && <After>{key.after.preview}</After>}
        </Line>
      ))}
      {object.more && <p class="faint">and more keys</p>}
      {object.tables.map((table) => (
        <div key={table.table} class="table-diff">
          <h3>
            <Sign of={table.change} /> {table.table}
          </h3>
          {table.sqlBefore !== table.sqlAfter && (
            <div class="mono sql">
              {table.sqlBefore && <Before>{table.sqlBefore}</Before>}
              {table.sqlAfter && <After>{table.sqlAfter}</After>}
            </div>
          )}
          {table.rows.length > 0 && (
            <div class="grid">
              <table aria-label={`Rows of ${table.table} that differ`}>
                <thead>
                  <tr>
                    <th scope="col">
                      <span class="hidden">Change</span>
                    </th>
                    {table.columns.map((column) => (
                      <th key={column} scope="col">
                        {column}
                      </th>
                    ))}
                  </tr>
                </thead>
                <tbody>
                  {table.rows.map((row, n) => (
                    <tr key={n} class={row.change}>
                      <td>
                        <Sign of={row.change} />
                      </td>
                      {table.columns.map((column, c) => (
                        <CellDiff key={column} before={row.before?.[c] as Cell | undefined} after={row.after?.[c] as Cell | undefined} />
                      ))}
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          )}
          {table.more && <p class="faint">and more rows</p>}
        </div>
      ))}
    </>
  );
}

function CellDiff({ before, after }: { before: Cell | undefined; after: Cell | undefined }) {
  if (before !== undefined && after !== undefined && JSON.stringify(before) !== JSON.stringify(after)) {
    return (
      <td>
        <Before>{showCell(before)}</Before> <After>{showCell(after)}</After>
      </td>
    );
  }
  return <td>{showCell((after === undefined ? before : after) ?? null)}</td>;
}

function Sign({ of }: { of: Change }) {
  return (
    <span class={`sign ${of}`} title={of}>
      {signs[of]}
      <span class="hidden">{of}</span>
    </span>
  );
}

function Line({ change, title, mono, children }: { change: Change; title: string; mono?: boolean; children: ComponentChildren }) {
  return (
    <div class="line">
      <Sign of={change} />
      <span class={mono ? "mono key" : "key"}>{title}</span>
      <span class="mono values">{children}</span>
    </div>
  );
}

function Before({ children }: { children: ComponentChildren }) {
  return <del>{children}</del>;
}

function After({ children }: { children: ComponentChildren }) {
  return <ins>{children}</ins>;
}
