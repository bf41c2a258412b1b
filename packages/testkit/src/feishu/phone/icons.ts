/** Drawn, since not every machine that takes pictures has a font with emojis. */
function icon(paths: string): string {
  return `<svg class="icon" viewBox="0 0 16 16" width="16" height="16" fill="none" stroke="currentColor" stroke-width="1.4" stroke-linecap="round" stroke-linejoin="round">${paths}</svg>`;
}

const eye = (x: number) =>
  `<ellipse cx="${x}" cy="8" rx="3" ry="4.2"/><circle cx="${x + 0.8}" cy="8.8" r="1.3" fill="currentColor"/>`;
const check = icon('<path d="M2.5 8.5l3.5 3.5 7.5-8"/>');

export const fileIcons = {
  image: icon('<rect x="2" y="3" width="12" height="10" rx="1.5"/><path d="M3 12l3.5-4 2.5 2.5 1.5-1.5 2.5 3"/>'),
  audio: icon('<rect x="6" y="2" width="4" height="7" rx="2"/><path d="M3.5 7.5a4.5 4.5 0 009 0M8 12v2"/>'),
  video: icon('<rect x="2" y="4" width="8.5" height="8" rx="1.5"/><path d="M10.5 7l3.5-2v6l-3.5-2z"/>'),
  file: icon('<path d="M4 1.8h5l3.5 3.5v9H4zM9 1.8v3.5h3.5"/>'),
} as const;

/** By the names of Feishu's emojis, as many as the bot is likely to use. */
export const reactionIcons: ReadonlyMap<string, string> = new Map([
  ['EYES', icon(eye(4.5) + eye(11.5))],
  ['OK', check],
  ['DONE', check],
  ['CheckMark', check],
  ['CrossMark', icon('<path d="M3.5 3.5l9 9M12.5 3.5l-9 9"/>')],
  ['OneSecond', icon('<circle cx="8" cy="8" r="5.8"/><path d="M8 4.5V8l2.5 1.5"/>')],
  [
    'THUMBSUP',
    icon(
      '<path d="M2 7.5h2.5V14H2zM4.5 8l3-6c1.2 0 1.8 1 1.5 2.2L8.5 6.5H13c.9 0 1.3.8 1.1 1.6l-1.2 4.7c-.2.7-.7 1.2-1.4 1.2h-7"/>',
    ),
  ],
]);
