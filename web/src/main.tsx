import "./styles/index.css";
import { render } from "preact";
import { App } from "./app";
import { startClock } from "./live/clock";
import { startJournal } from "./live/journal";
import { startTheme } from "./theme";

startTheme();
startJournal();
startClock();
render(<App />, document.getElementById("app")!);
