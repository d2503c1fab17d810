import { CloudAlert, Clock3, Moon, Search, Snowflake, Sun } from "lucide";
import type { ComponentType } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { denied } from "./api/client";
import { connection } from "./live/connection";
import { clock, frozen, nowSecond } from "./live/clock";
import { info } from "./live/journal";
import { dateTime } from "./logic/time";
import { Questions } from "./parts/dialog";
import { Empty, Notice } from "./parts/empty";
import { Icon } from "./parts/icon";
import { classOf } from "./parts/name";
import { Toasts } from "./parts/toast";
import { Command } from "./parts/copy";
import { Keys, openHelp, openPalette } from "./keys/keys";
import { pages } from "./pages";
import { Alarms } from "./pages/alarms";
import { ClockPage } from "./pages/clock";
import { Faults } from "./pages/faults";
import { Logs } from "./pages/logs";
import { ObjectView, shownName } from "./pages/object/object";
import { Objects } from "./pages/objects";
import { Overview } from "./pages/overview";
import { Snapshots } from "./pages/snapshots";
import { AskToken } from "./pages/token";
import { href, route } from "./route";
import { isDark, switchTheme } from "./theme";

/** What shows the pages, by the first part of their address. */
const bodies: Record<string, ComponentType> = {
  "": Overview,
  objects: () => (route.value.parts.length > 2 ? <ObjectView /> : <Objects />),
  alarms: Alarms,
  clock: ClockPage,
  snapshots: Snapshots,
  faults: Faults,
  logs: Logs,
};

export function App() {
  const main = useRef<HTMLElement>(null);
  const [first = "", namespace, object] = route.value.parts;
  const Body = bodies[first];
  const title = pages.find((page) => page.path === first)?.title ?? "Not found";
  useEffect(() => {
    main.current?.scrollTo(0, 0);
  }, [first, namespace, object]);
  useEffect(() => {
    document.title = [object && shownName.value, title, info.value?.project, "doemu"].filter(Boolean).join(" · ");
  }, [object && shownName.value, title, info.value?.project]);
  if (denied.value) return <AskToken />;
  return (
    <div class="shell">
      <a class="skip button" href="#main" onClick={(event) => (event.preventDefault(), main.current?.focus())}>
        To the page
      </a>
      <a class="brand" href={href([])} title="doemu">
        <img src="./favicon.svg" alt="" />
        doemu <span class="version cut">{info.value?.version}</span>
      </a>
      <Nav current={first} />
      <header class="top">
        <div class="crumbs">
          {info.value && <span class="dim wide">{info.value.project}</span>}
          {info.value && <span class="sep wide">/</span>}
          {namespace && first === "objects" ? (
            <>
              <a class="dim" href={href([first])}>
                {title}
              </a>
              <span class="sep">/</span>
              {object ? (
                <>
                  <a class="dim wide" href={href([first, namespace])}>
                    {classOf(namespace)}
                  </a>
                  <span class="sep wide">/</span>
                  <h1 title={shownName.value}>{shownName.value}</h1>
                </>
              ) : (
                <h1>{classOf(namespace)}</h1>
              )}
            </>
          ) : (
            <h1>{title}</h1>
          )}
        </div>
        <div class="side">
          <ClockPill />
          <button type="button" class="button plain square" aria-label="Search and commands" title="Search and commands, Ctrl K" onClick={openPalette}>
            <Icon of={Search} />
          </button>
        </div>
      </header>
      <main id="main" ref={main} tabIndex={-1}>
        {connection.value === "lost" && <Lost />}
        {info.value && (Body ? <Body /> : <NotFound />)}
      </main>
      <Questions />
      <Toasts />
      <Keys />
    </div>
  );
}

function Nav({ current }: { current: string }) {
  return (
    <nav class="nav" aria-label="Pages">
      {pages.map(({ path, title, icon, key }) => (
        <a key={path} href={href(path === "" ? [] : [path])} aria-current={path === current ? "page" : undefined} title={`${title} (g ${key})`}>
          <Icon of={icon} />
          {title}
        </a>
      ))}
      <div class="foot">
        <Connection />
        <button type="button" class="button plain small square" style={{ marginLeft: "auto" }} onClick={openHelp} aria-label="Keys" title="Keys (?)">
          ?
        </button>
        <button type="button" class="button plain small square" onClick={switchTheme} aria-label={isDark() ? "Light colours" : "Dark colours"} title={isDark() ? "Light colours" : "Dark colours"}>
          <Icon of={isDark() ? Sun : Moon} />
        </button>
      </div>
    </nav>
  );
}

const connectionTitles = { connecting: "Connecting", live: "Live", lost: "Not connected" };

function Connection() {
  return (
    <span class={`connection ${connection.value}`} role="status" title="Events arrive as they happen while this is live">
      <i aria-hidden="true" />
      {connectionTitles[connection.value]}
    </span>
  );
}

function ClockPill() {
  if (!clock.value) return null;
  const [date, time] = dateTime(nowSecond.value).split(" ");
  return (
    <a class={frozen.value ? "clock-pill frozen" : "clock-pill"} href={href(["clock"])} title={frozen.value ? "The emulator's clock stands, in UTC" : "The emulator's clock, in UTC"}>
      <Icon of={frozen.value ? Snowflake : Clock3} />
      <span class="date">{date}</span>
      <span>{time}</span>
    </a>
  );
}

function Lost() {
  return (
    <div class="lost">
      <Notice icon={CloudAlert} kind="red">
        <strong>doemu does not answer.</strong> What is shown is from before. This page goes on by itself when doemu is back: <Command>doemu dev</Command>
      </Notice>
    </div>
  );
}

function NotFound() {
  return (
    <div class="page">
      <Empty icon={Search} title="There is no such page">
        <a class="link" href={href([])}>
          To the overview
        </a>
      </Empty>
    </div>
  );
}
