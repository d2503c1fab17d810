import { Boxes, CircleX, FileCode, RefreshCw } from "lucide";
import { useState } from "preact/hooks";
import { api, page, result, type Namespace, type WorkerInfo } from "../api/client";
import { clock, nowSecond } from "../live/clock";
import { events, info, loadInfo } from "../live/journal";
import { useResource } from "../live/resource";
import { activity, measures, type Measure } from "../logic/activity";
import { count } from "../logic/size";
import { hour, minute, day } from "../logic/time";
import { Command } from "../parts/copy";
import { Empty, Notice } from "../parts/empty";
import { EventLine } from "../parts/event";
import { Hints } from "../parts/hints";
import { Icon } from "../parts/icon";
import { classOf, titleOf } from "../parts/name";
import { Plot } from "../parts/plot";
import { StatesBar } from "../parts/state";
import { Countdown } from "../parts/time";
import { attempt } from "../parts/toast";
import { href, objectHref } from "../route";

export function Overview() {
  const workers = info.value?.workers ?? [];
  return (
    <div class="page">
      {workers.map((worker) => worker.error && <BuildError key={worker.name} worker={worker} />)}
      <Hints among={events.value} />
      <Namespaces />
      <ActivityPanel />
      <div class="columns wide-left">
        <Recent />
        <div class="stack gap">
          <NextDue />
          {workers.map((worker) => (
            <WorkerPanel key={worker.name} worker={worker} />
          ))}
        </div>
      </div>
    </div>
  );
}

export function reload(): Promise<unknown> {
  return attempt(async () => {
    try {
      await result(api.POST("/api/v1/reload"));
    } finally {
      await loadInfo();
    }
  }, "Built again: the new code serves");
}

function BuildError({ worker }: { worker: WorkerInfo }) {
  return (
    <Notice icon={CircleX} kind="red">
      <div class="bar">
        <strong class="grow">
          {worker.generation > 0 ? `The last build of ${worker.name} failed. Generation ${worker.generation} goes on serving.` : `${worker.name} has not been built.`}
        </strong>
        <button type="button" class="button small" onClick={reload}>
          <Icon of={RefreshCw} />
          Build again
        </button>
      </div>
      <pre tabIndex={0}>{worker.error}</pre>
    </Notice>
  );
}

export function useNamespaces() {
  return useResource("namespaces", async () => (await page(api.GET("/api/v1/namespaces"))).items, (event) => !!event.object || event.kind === "reload", 800);
}

function Namespaces() {
  const { data, error } = useNamespaces();
  const objects = data?.reduce((sum, namespace) => sum + namespace.objects, 0);
  return (
    <section class="panel" aria-labelledby="namespaces">
      <header>
        <h2 id="namespaces">Durable Objects</h2>
        {objects !== undefined && <span class="dim">{count(objects)}</span>}
      </header>
      {error && !data && <div class="body red">{error}</div>}
      {data?.length === 0 && (
        <Empty icon={Boxes} title="This project has no Durable Object classes">
          <p>A class is bound in the configuration under durable_objects and introduced by a migration.</p>
          <Command>doemu init my-app --template counter</Command>
        </Empty>
      )}
      <div class="cards">
        {data?.map((namespace) => (
          <NamespaceCard key={namespace.id} of={namespace} />
        ))}
      </div>
    </section>
  );
}

function NamespaceCard({ of }: { of: Namespace }) {
  const inMemory = of.states.active + of.states.idle;
  return (
    <a class="card" href={href(["objects", of.id])}>
      <div class="bar">
        <strong class="cut">{of.class || classOf(of.id)}</strong>
        <span class="tag">{of.storage === "sqlite" ? "SQLite" : "key-value"}</span>
        <span class="big">{count(of.objects)}</span>
      </div>
      <StatesBar of={of} />
      <dl class="counts">
        {(
          [
            ["in memory", inMemory],
            ["hibernated", of.states.hibernated],
            ["sockets", of.sockets],
            ["alarms", of.alarms],
          ] as const
        ).map(([title, n]) => (
          <div key={title}>
            <dt>{title}</dt>
            <dd>{count(n)}</dd>
          </div>
        ))}
      </dl>
    </a>
  );
}

const windows = { "1 min": minute, "15 min": 15 * minute, "1 h": hour, "1 d": day };

function ActivityPanel() {
  const [window, setWindow] = useState<keyof typeof windows>("15 min");
  const counted = activity(events.value, nowSecond.value, windows[window], 60);
  return (
    <section class="panel" aria-labelledby="activity">
      <header>
        <h2 id="activity">Activity</h2>
        <span class="dim wide">by the emulator's clock</span>
        <div class="side segments" role="group" aria-label="Time that is shown">
          {(Object.keys(windows) as (keyof typeof windows)[]).map((name) => (
            <button key={name} type="button" aria-pressed={name === window} onClick={() => setWindow(name)}>
              {name}
            </button>
          ))}
        </div>
      </header>
      <div class="plots">
        {(Object.keys(measures) as Measure[]).map((name) => (
          <Plot key={name} title={measures[name].title} bad={name === "errors"} {...counted[name]} />
        ))}
      </div>
    </section>
  );
}

const recent = 12;

function Recent() {
  const newest = events.value.slice(-recent).reverse();
  return (
    <section class="panel" aria-labelledby="recent">
      <header>
        <h2 id="recent">What just happened</h2>
        <a class="button plain small side" href={href(["logs"])}>
          All of the log
        </a>
      </header>
      {newest.length === 0 ? (
        <Empty icon={FileCode} title="Nothing has happened yet">
          <p>Send the Worker a request, and it appears here.</p>
          <Command>curl http://localhost:8787/</Command>
        </Empty>
      ) : (
        <ul class="events">
          {newest.map((event) => (
            <li key={event.seq}>
              <EventLine of={event} />
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function NextDue() {
  const next = clock.value?.next;
  return (
    <section class="panel" aria-labelledby="next">
      <header>
        <h2 id="next">Next</h2>
        <a class="button plain small side" href={href(["clock"])}>
          Clock
        </a>
      </header>
      <div class="body bar">
        {!next ? (
          <span class="dim">Nothing waits for its time.</span>
        ) : (
          <>
            <span class="big">
              <Countdown to={next.at} />
            </span>
            <span class="grow cut">
              {next.kind}
              {next.object && next.namespace && (
                <>
                  {" of "}
                  <a class="link" href={objectHref(next.namespace, next.object)}>
                    {classOf(next.namespace)} {titleOf(next)}
                  </a>
                </>
              )}
            </span>
            <span class="dim">{count(clock.value?.waiting ?? 0)} waiting</span>
          </>
        )}
      </div>
    </section>
  );
}

function WorkerPanel({ worker }: { worker: WorkerInfo }) {
  return (
    <section class="panel" aria-label={`Worker ${worker.name}`}>
      <header>
        <h2 class="cut">{worker.name}</h2>
        <span class="tag">generation {worker.generation}</span>
        <button type="button" class="button plain small side" onClick={reload}>
          <Icon of={RefreshCw} />
          Build again
        </button>
      </header>
      <dl class="body facts">
        <dt>Configuration</dt>
        <dd class="mono" title={worker.config}>
          {worker.config.split(/[/\\]/).slice(-2).join("/")}
        </dd>
        <dt>Compatibility</dt>
        <dd>{worker.compatibilityDate || "none"}</dd>
        {worker.environment && (
          <>
            <dt>Environment</dt>
            <dd>{worker.environment}</dd>
          </>
        )}
        <dt>Bindings</dt>
        <dd>
          {worker.bindings.length === 0 && <span class="dim">none</span>}
          {worker.bindings.map((binding) => (
            <div key={binding.name}>
              <code>env.{binding.name}</code> <span class="dim">{binding.to || binding.type.replaceAll("_", " ")}</span>
            </div>
          ))}
        </dd>
        {worker.crons.length > 0 && (
          <>
            <dt>Crons</dt>
            <dd>
              {worker.crons.map((cron) => (
                <div key={cron} class="bar">
                  <code>{cron}</code>
                  <button type="button" class="button plain small" onClick={() => runCron(worker.name, cron)}>
                    Run now
                  </button>
                </div>
              ))}
            </dd>
          </>
        )}
      </dl>
    </section>
  );
}

function runCron(worker: string, cron: string): void {
  void attempt(
    () => result(api.POST("/api/v1/scheduled", { body: { worker, cron } })),
    ({ outcome }) => (outcome === "ok" ? `${cron} has run` : `${cron} has run and failed: the log says how`),
  );
}
