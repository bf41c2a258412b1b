import { fileIcons } from './icons.ts';
import { escapeHtml } from './markdown-html.ts';

/** Something that is no text, by its name. */
export function chip(kind: keyof typeof fileIcons, name: string): string {
  return `<div class="chip">${fileIcons[kind]} ${escapeHtml(name)}</div>`;
}
