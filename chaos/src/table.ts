import type { SiegeReport } from '../fuzz/run-fuzz.ts';
import type { Row } from './run-fault.ts';
import { isClean } from './run-fault.ts';

const header = [
  'fault',
  'kills',
  'sent',
  'answered',
  'told as interrupted',
  'refused',
  'lost',
  'doubled',
  'out of order',
  'slowest answer',
  'memory, MB',
  'took',
];

/** One line for the eye, as soon as a fault has ended. */
export function formatRow(row: Row): string {
  const { name, kills, sent, answered, interrupted, refused, lost, doubled, outOfOrder, complaints, error } = row;
  const counts = `${kills} kills, ${sent} sent: ${answered} answered, ${interrupted} interrupted, ${refused} refused`;
  const wrong = `${lost} lost, ${doubled} doubled, ${outOfOrder} out of order`;
  const line = `${isClean(row) ? '✓' : '✗'} ${name}: ${counts}; ${wrong} (${seconds(row.tookMs)})`;
  const notes = [...(error === undefined ? [] : [error.slice(0, 2_000)]), ...complaints.slice(0, 10)];
  return [line, ...notes.map((note) => `    ${note}`)].join('\n');
}

/** The rows as a Markdown table. */
export function formatTable(rows: readonly Row[]): string {
  const cells = rows.map((row) => [
    row.title,
    ...[row.kills, row.sent, row.answered, row.interrupted, row.refused, row.lost, row.doubled, row.outOfOrder],
    row.worstAnswerMs === undefined ? '–' : seconds(row.worstAnswerMs),
    formatMemory(row.residentMb),
    seconds(row.tookMs) + (row.error === undefined ? '' : ' (did not end)'),
  ]);
  return [header, header.map(() => '---'), ...cells].map((line) => `| ${line.join(' | ')} |`).join('\n');
}

/** The doors of the fuzz, as a Markdown table. */
export function formatDoors(reports: readonly SiegeReport[]): string {
  const titles = ['door', 'cases', 'crashes', 'hangs', 'longest step', 'memory'];
  const cells = reports.map(({ door, cases, crashes, hangs, worstMs, rssGrowthMb }) => [
    door,
    ...[cases, crashes, hangs],
    `${Math.round(worstMs)} ms`,
    `${rssGrowthMb < 0 ? '−' : '+'}${Math.abs(rssGrowthMb)} MB`,
  ]);
  return [titles, titles.map(() => '---'), ...cells].map((line) => `| ${line.join(' | ')} |`).join('\n');
}

function formatMemory({ atStart, atEnd }: Row['residentMb']): string {
  return Object.entries(atEnd)
    .map(([role, mb]) => `${role} ${Object.entries(atStart).find(([name]) => name === role)?.[1] ?? '?'} → ${mb}`)
    .join(', ');
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(ms < 10_000 ? 1 : 0)} s`;
}
