import { Check, Pencil, Plus, X, Zap, ZapOff } from "lucide";
import { useState } from "preact/hooks";
import { api, result, type FaultRule } from "../api/client";
import { useResource } from "../live/resource";
import { actions, points, sentence } from "../logic/faults";
import { count } from "../logic/size";
import { parseSpan } from "../logic/time";
import { Empty, Notice } from "../parts/empty";
import { Icon } from "../parts/icon";
import { attempt } from "../parts/toast";
import { useNamespaces } from "./overview";

type Rule = Omit<FaultRule, "met" | "happened">;

/** Failures that are asked for, to try the project against them. */
export function Faults() {
  const [editing, setEditing] = useState<number>();
  const { data, error, refresh } = useResource("faults", async () => (await result(api.GET("/api/v1/faults"))).rules, (event) => !!event.object, 1_000);
  const put = async (rules: Rule[], done: string) => {
    const set = await attempt(() => result(api.PUT("/api/v1/faults", { body: { rules } })), done);
    if (set) setEditing(undefined);
    await refresh();
    return set !== undefined;
  };
  const edited = editing === undefined ? undefined : data?.[editing];
  const rules: Rule[] = data?.map(({ met: _, happened: __, ...rule }) => rule) ?? [];
  return (
    <div class="page">
      {error && <Notice icon={ZapOff} kind="red">{error}</Notice>}
      <section class="panel" aria-labelledby="rules">
        <header>
          <h2 id="rules">Rules</h2>
          {rules.length > 0 && (
            <button type="button" class="button plain small side" onClick={() => put([], "No faults any more")}>
              Take all off
            </button>
          )}
        </header>
        {data?.length === 0 ? (
          <Empty icon={ZapOff} title="Nothing fails on purpose">
            <p>A rule lets what objects do fail, be late or be lost. It holds until it is taken off or doemu ends.</p>
          </Empty>
        ) : (
          <ul class="rules">
            {data?.map((rule, n) => (
              <li key={n} class={n === editing ? "chosen" : undefined}>
                <Icon of={Zap} />
                <span class="grow">
                  {sentence(rule)}
                  {rule.message && <span class="dim">: “{rule.message}”</span>}
                </span>
                <span class="dim" title="How often it happened, of how often it was met">
                  {count(rule.happened)} of {count(rule.met)}
                </span>
                <button type="button" class="button plain small square" aria-label={`Edit: ${sentence(rule)}`} title="Edit it" onClick={() => setEditing(n === editing ? undefined : n)}>
                  <Icon of={Pencil} />
                </button>
                <button
                  type="button"
                  class="button plain small square"
                  aria-label={`Take off: ${sentence(rule)}`}
                  title="Take it off"
                  onClick={() => put(rules.filter((_, other) => other !== n), "The rule is taken off")}
                >
                  <Icon of={X} />
                </button>
              </li>
            ))}
          </ul>
        )}
      </section>
      {edited ? (
        <Editor key={editing} of={edited} save={(rule) => put(rules.with(editing!, rule), "The rule is changed")} leave={() => setEditing(undefined)} />
      ) : (
        <Editor key="new" save={(rule) => put([...rules, rule], "The rule holds")} />
      )}
    </div>
  );
}

interface EditorProps {
  /** The rule that is edited; without one a rule is added. */
  of?: Rule;
  save: (rule: Rule) => Promise<boolean>;
  leave?: () => void;
}

function Editor({ of, save, leave }: EditorProps) {
  const { data: namespaces } = useNamespaces();
  const [where, setWhere] = useState(of?.where ?? "rpc");
  const [what, setWhat] = useState(of?.what ?? "error");
  const [namespace, setNamespace] = useState(of?.namespace ?? "");
  const [object, setObject] = useState(of?.object?.replace(/^name:/, "") ?? "");
  const [message, setMessage] = useState(of?.message ?? "");
  const [delay, setDelay] = useState(`${of?.ms || 500}ms`);
  const [percent, setPercent] = useState(String(Number(((of?.rate || 1) * 100).toPrecision(12))));
  const [times, setTimes] = useState(of?.next ? String(of.next) : "");
  const ms = parseSpan(delay);
  const rate = Number(percent) / 100;
  const next = times === "" ? 0 : Number(times);
  const ok = (what !== "delay" || (ms !== undefined && ms > 0)) && rate > 0 && rate <= 1 && Number.isInteger(next) && next >= 0;
  const rule: Rule = {
    where,
    what,
    ...(namespace && { namespace }),
    ...(object.trim() && { object: /^[0-9a-f]{64}$/.test(object.trim()) ? object.trim() : `name:${object.trim()}` }),
    ...(what === "delay" && { ms: ms ?? 0 }),
    ...(what === "error" && message && { message }),
    ...(rate < 1 && { rate }),
    ...(next > 0 && { next }),
  };
  const submit = async (event: Event) => {
    event.preventDefault();
    if (ok && (await save(rule))) setTimes("");
  };
  return (
    <section class="panel" aria-labelledby="add">
      <header>
        <h2 id="add">{of ? "Edit the rule" : "Add a rule"}</h2>
        <span class="dim">{ok && sentence({ ...rule, met: 0, happened: 0 })}</span>
      </header>
      <form class="body form" onSubmit={submit}>
        <label class="labelled">
          Where
          <select class="field" aria-label="Where" value={where} onChange={(event) => setWhere(event.currentTarget.value)}>
            {Object.entries(points).map(([name, title]) => (
              <option key={name} value={name}>
                {title}
              </option>
            ))}
          </select>
        </label>
        <label class="labelled">
          What
          <select class="field" aria-label="What" value={what} onChange={(event) => setWhat(event.currentTarget.value)}>
            {Object.entries(actions).map(([name, { title }]) => (
              <option key={name} value={name} disabled={name === "delay" && where === "storage.commit"}>
                {title}
              </option>
            ))}
          </select>
        </label>
        <label class="labelled">
          Class
          <select class="field" aria-label="Class" value={namespace} onChange={(event) => setNamespace(event.currentTarget.value)}>
            <option value="">All</option>
            {namespaces?.map((one) => (
              <option key={one.id}>{one.id}</option>
            ))}
          </select>
        </label>
        <label class="labelled">
          Object, by name or id
          <input class="field" placeholder="All" value={object} onInput={(event) => setObject(event.currentTarget.value)} />
        </label>
        {what === "delay" && (
          <label class="labelled">
            Delay
            <input class="field" value={delay} aria-invalid={ms === undefined} onInput={(event) => setDelay(event.currentTarget.value)} />
          </label>
        )}
        {what === "error" && (
          <label class="labelled">
            Message
            <input class="field" placeholder="One that names the fault" value={message} onInput={(event) => setMessage(event.currentTarget.value)} />
          </label>
        )}
        <label class="labelled">
          How often, in %
          <input class="field" inputMode="decimal" value={percent} aria-invalid={!(rate > 0 && rate <= 1)} onInput={(event) => setPercent(event.currentTarget.value)} />
        </label>
        <label class="labelled">
          How many times
          <input class="field" inputMode="numeric" placeholder="Without end" value={times} aria-invalid={!Number.isInteger(next) || next < 0} onInput={(event) => setTimes(event.currentTarget.value)} />
        </label>
        <div class="submit">
          <button type="submit" class="button primary" disabled={!ok}>
            <Icon of={of ? Check : Plus} />
            {of ? "Save" : "Add"}
          </button>
          {leave && (
            <button type="button" class="button" onClick={leave}>
              Leave
            </button>
          )}
          <span class="faint">{actions[what]?.says}</span>
        </div>
      </form>
    </section>
  );
}
