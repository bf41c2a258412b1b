import type { Spread } from './statistics.ts';

/** One row of the table: a figure of ours beside the same figure of a floor, measured in turn in the same call. */
export type Figure = {
  readonly name: string;
  readonly unit: 'ms' | 'MB';
  readonly ours: Spread;
  readonly floor: Spread;
  /** What the floor is, in a few words. */
  readonly floorName: string;
  /** Ours may be this many times the floor; absent: only watched. */
  readonly goal?: number;
};

function ratio({ ours, floor }: Figure): number {
  return ours.median / floor.median;
}

/** The figures as a Markdown table. */
export function formatFigures(figures: readonly Figure[]): string {
  const rows = figures.map((figure) => [
    figure.name,
    `${formatSpread(figure.ours)} ${figure.unit}`,
    `${formatSpread(figure.floor)} ${figure.unit}`,
    `${ratio(figure).toFixed(2)} ×`,
    figure.goal === undefined ? '–' : `≤ ${figure.goal} × ${ratio(figure) <= figure.goal ? '✓' : '✗'}`,
    figure.floorName,
  ]);
  const header = ['figure', 'ours: median [range]', 'floor: median [range]', 'ratio', 'goal', 'floor'];
  return [header, header.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function formatSpread({ median, min, max }: Spread): string {
  return `${round(median)} [${round(min)}–${round(max)}]`;
}

function round(value: number): string {
  return value < 10 ? value.toFixed(2) : value.toFixed(value < 100 ? 1 : 0);
}
