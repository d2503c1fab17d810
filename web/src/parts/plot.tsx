import { count } from "../logic/size";

interface PlotProps {
  title: string;
  total: number;
  counts: number[];
  bad?: boolean;
}

const width = 3;
const gap = 1;
const high = 34;

/** A number, and how it came about over time. */
export function Plot({ title, total, counts, bad }: PlotProps) {
  const most = Math.max(1, ...counts);
  const step = width + gap;
  return (
    <figure class={bad && total > 0 ? "plot bad" : "plot"}>
      <figcaption class="dim cut">{title}</figcaption>
      <div class="n">{count(total)}</div>
      <svg viewBox={`0 0 ${counts.length * step} ${high}`} preserveAspectRatio="none" role="img" aria-label={`${title}: ${total}, at most ${Math.max(0, ...counts)} at a time`}>
        <rect class="base" x="0" y={high - 1} width={counts.length * step} height="1" />
        {counts.map((n, at) => {
          const height = n === 0 ? 0 : Math.max(2, (n / most) * (high - 2));
          return n > 0 && <rect key={at} x={at * step} y={high - height} width={width} height={height} />;
        })}
      </svg>
    </figure>
  );
}
