import { AlarmClock, Boxes, Camera, Clock3, LayoutDashboard, ScrollText, Zap, type IconNode } from "lucide";

export interface PageInfo {
  /** The first part of its address. */
  path: string;
  title: string;
  icon: IconNode;
  /** Pressed after g, it leads there. */
  key: string;
}

/** The pages, in the order in which they are shown. */
export const pages: PageInfo[] = [
  { path: "", title: "Overview", icon: LayoutDashboard, key: "h" },
  { path: "objects", title: "Objects", icon: Boxes, key: "o" },
  { path: "alarms", title: "Alarms", icon: AlarmClock, key: "a" },
  { path: "clock", title: "Clock", icon: Clock3, key: "c" },
  { path: "snapshots", title: "Snapshots", icon: Camera, key: "s" },
  { path: "faults", title: "Faults", icon: Zap, key: "f" },
  { path: "logs", title: "Log", icon: ScrollText, key: "l" },
];
