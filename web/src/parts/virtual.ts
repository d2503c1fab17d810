import { elementScroll, observeElementOffset, observeElementRect, Virtualizer, type VirtualItem } from "@tanstack/virtual-core";
import type { RefObject } from "preact";
import { useLayoutEffect, useReducer, useState } from "preact/hooks";

interface Options {
  count: number;
  scroller: RefObject<HTMLElement | null>;
  rowHeight: number;
  /** What is above the rows and scrolls with them, in pixels. */
  above?: number;
  keyOf?: (index: number) => string | number;
}

export interface Virtual {
  items: VirtualItem[];
  height: number;
  above: number;
  /** Given to a row as its ref, it learns how high the row really is. */
  measure: (element: HTMLElement | null) => void;
  show: (index: number, align?: "auto" | "end") => void;
}

/** Which rows of a long list are seen. */
export function useVirtual({ count, scroller, rowHeight, above = 0, keyOf }: Options): Virtual {
  const [, redraw] = useReducer<number, void>((n) => n + 1, 0);
  const options = {
    count,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    observeElementRect,
    observeElementOffset,
    scrollToFn: elementScroll,
    overscan: 12,
    scrollMargin: above,
    initialRect: { width: 0, height: 900 },
    ...(keyOf && { getItemKey: keyOf }),
    onChange: () => redraw(),
  };
  const [virtualizer] = useState(() => new Virtualizer<HTMLElement, HTMLElement>(options));
  virtualizer.setOptions(options);
  useLayoutEffect(() => virtualizer._didMount(), []);
  useLayoutEffect(() => virtualizer._willUpdate());
  return {
    items: virtualizer.getVirtualItems(),
    height: virtualizer.getTotalSize(),
    above,
    measure: virtualizer.measureElement,
    show: (index, align = "auto") => virtualizer.scrollToIndex(index, { align }),
  };
}
