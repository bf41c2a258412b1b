import type { Spread } from './statistics.ts';

/** One row of the table: a figure of ours beside the same figure of a floor, measured in turn in the same call. */
export type Figure = {
  readonly name: string;
  readonly unit: 'ms' | 'MB' | 'KB' | 'msg/s';
  readonly ours: Spread;
  readonly floor: Spread;
  /** What the floor is, in a few words. */
  readonly floorName: string;
  /** Absent: only watched. */
  readonly goal?: Goal;
};

/** What ours is held to: a bound for its ratio to the floor, or for the figure itself. */
export type Goal = {
  readonly bound: 'at most' | 'at least';
  readonly value: number;
  readonly of: 'ratio' | 'figure';
};

export function ratioAtMost(value: number): Goal {
  return { bound: 'at most', value, of: 'ratio' };
}

export function ratioAtLeast(value: number): Goal {
  return { bound: 'at least', value, of: 'ratio' };
}

export function atMost(value: number): Goal {
  return { bound: 'at most', value, of: 'figure' };
}

/** Whether the goal is kept; true where there is none. */
export function keepsGoal(figure: Figure): boolean {
  const { goal, ours } = figure;
  if (goal === undefined) return true;
  const measured = goal.of === 'ratio' ? ratio(figure) : ours.median;
  return goal.bound === 'at most' ? measured <= goal.value : measured >= goal.value;
}

/** The figures as a Markdown table. */
export function formatFigures(figures: readonly Figure[]): string {
  const rows = figures.map((figure) => [
    figure.name,
    `${formatSpread(figure.ours)} ${figure.unit}`,
    `${formatSpread(figure.floor)} ${figure.unit}`,
    `${ratio(figure).toFixed(2)} ×`,
    formatGoal(figure),
    figure.floorName,
  ]);
  const header = ['figure', 'ours: median [range]', 'floor: median [range]', 'ratio', 'goal', 'floor'];
  return [header, header.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function ratio({ ours, floor }: Figure): number {
  return ours.median / floor.median;
}

function formatGoal(figure: Figure): string {
  const { goal, unit } = figure;
  if (goal === undefined) return '–';
  const sign = goal.bound === 'at most' ? '≤' : '≥';
  return `${sign} ${goal.value} ${goal.of === 'ratio' ? '×' : unit}${keepsGoal(figure) ? '' : ' MISSED'}`;
}

function formatSpread({ median, min, max }: Spread): string {
  return `${round(median)} [${round(min)}–${round(max)}]`;
}

function round(value: number): string {
  return value < 10 ? value.toFixed(2) : value.toFixed(value < 100 ? 1 : 0);
}
