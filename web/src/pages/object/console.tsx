import { Play, Route, SquareTerminal } from "lucide";
import { useState } from "preact/hooks";
import { ApiError, messageOf, type Rows, type Table } from "../../api/client";
import { CodeEditor } from "../../editor/editor";
import { kindOf, showCell, type Cell } from "../../logic/cells";
import { planSteps, type PlanStep } from "../../logic/plan";
import { count, counted } from "../../logic/size";
import { span } from "../../logic/time";
import { confirm } from "../../parts/dialog";
import { Empty } from "../../parts/empty";
import { Icon } from "../../parts/icon";
import { titleOf } from "../../parts/name";
import { useObject } from "./object";
import { useFacet } from "./place";
import { query } from "./query";

type Answer = { rows: Rows; took: number } | { plan: PlanStep[] } | { problem: string };

/** How many rows the console shows. */
const most = 1_000;

const kept = "doemu.sql";

/** A console for an object's database. What writes is asked for once more before it is run. */
export function Console({ tables }: { tables: Table[] }) {
  const { object, path, refresh } = useObject();
  const facet = useFacet();
  const memory = `${kept} ${object.namespace}`;
  const [begun] = useState(sessionStorage.getItem(memory) ?? (tables[0] ? `SELECT * FROM ${tables[0].name} LIMIT 100` : "SELECT sqlite_version()"));
  const [sql, setSql] = useState(begun);
  const [answer, setAnswer] = useState<Answer>();
  const [busy, setBusy] = useState(false);

  const attempt = async (does: () => Promise<Answer | undefined>) => {
    if (busy || sql.trim() === "") return;
    sessionStorage.setItem(memory, sql);
    setBusy(true);
    try {
      const got = await does();
      if (got) setAnswer(got);
    } catch (error) {
      setAnswer({ problem: messageOf(error) });
    }
    setBusy(false);
  };
  const run = () =>
    attempt(async () => {
      const began = performance.now();
      const statement = [{ sql, params: [] }];
      try {
        const [rows] = await query(path, facet, statement, { readonly: true, limit: most });
        return { rows: rows!, took: performance.now() - began };
      } catch (error) {
        if (!(error instanceof ApiError) || !error.message.includes("readonly refuses")) throw error;
      }
      const { yes } = await confirm({
        title: "This statement writes. Run it?",
        what: [sql.trim()],
        text: `It changes the storage of ${titleOf(object)}, in one transaction.`,
        action: "Run it",
      });
      if (!yes) return undefined;
      const again = performance.now();
      const [rows] = await query(path, facet, statement, { limit: most });
      await refresh();
      return { rows: rows!, took: performance.now() - again };
    });
  const explain = () =>
    attempt(async () => {
      const [rows] = await query(path, facet, [{ sql: `EXPLAIN QUERY PLAN ${sql}`, params: [] }], { readonly: true });
      return { plan: planSteps(rows!.rows) };
    });

  return (
    <>
      <div class="console">
        <CodeEditor
          initial={begun}
          changed={setSql}
          label="SQL"
          placeholder="SELECT …"
          language={{ of: "sql", tables: Object.fromEntries(tables.map((table) => [table.name, table.columns.map((column) => column.name)])) }}
          run={(shift) => void (shift ? explain() : run())}
        />
      </div>
      <div class="toolbar between">
        <button type="button" class="button small primary" disabled={busy || sql.trim() === ""} onClick={run}>
          <Icon of={Play} />
          Run
        </button>
        <button type="button" class="button small" disabled={busy || sql.trim() === ""} onClick={explain} title="EXPLAIN QUERY PLAN">
          <Icon of={Route} />
          Explain
        </button>
        <span class="faint wide">
          <kbd>Ctrl</kbd> <kbd>Enter</kbd> runs, with <kbd>Shift</kbd> explains
        </span>
        <span class="dim right grow cut" role="status">
          {answer && "rows" in answer && summary(answer)}
        </span>
      </div>
      <Shown answer={answer} />
    </>
  );
}

function summary({ rows, took }: { rows: Rows; took: number }): string {
  return [
    rows.truncated ? `first ${count(rows.rows.length)} rows` : counted(rows.rows.length, "row"),
    `${count(rows.rowsRead)} read`,
    `${count(rows.rowsWritten)} written`,
    span(took),
  ].join(" · ");
}

function Shown({ answer }: { answer: Answer | undefined }) {
  if (!answer) {
    return (
      <Empty icon={SquareTerminal} title="Ask the object's database">
        <p>It is read beside the object, which does not wake. Table and column names complete as you type.</p>
      </Empty>
    );
  }
  if ("problem" in answer) return <pre class="pad red" role="alert">{answer.problem}</pre>;
  if ("plan" in answer) {
    return (
      <ol class="plan pad" aria-label="Query plan">
        {answer.plan.map((step, n) => (
          <li key={n} class="mono" style={{ paddingLeft: `${step.depth * 18}px` }}>
            {step.detail} {step.scan && <span class="tag amber">reads every row</span>}
          </li>
        ))}
        {answer.plan.length === 0 && <li class="dim">Nothing to plan: the statement reads no table.</li>}
      </ol>
    );
  }
  const { columns, rows } = answer.rows;
  if (columns.length === 0) return <p class="pad dim">Done. {counted(answer.rows.rowsWritten, "row")} written.</p>;
  return (
    <div class="grid" tabIndex={0} role="region" aria-label="Result">
      <table>
        <thead>
          <tr>
            {columns.map((column, n) => (
              <th key={n} scope="col">
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, r) => (
            <tr key={r}>
              {(row as Cell[]).map((cell, c) => {
                const kind = kindOf(cell);
                return (
                  <td key={c} class={kind === "number" ? "num" : kind} title={showCell(cell)}>
                    {showCell(cell)}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
