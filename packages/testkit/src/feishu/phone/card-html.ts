import type { Card } from '../card-rules.ts';
import { isRecord } from '../content.ts';
import { chip } from './chip.ts';
import { escapeHtml, inlineToHtml, markdownToHtml } from './markdown-html.ts';

type Part = Readonly<Record<string, unknown>>;

/** A card of either schema as a white box. */
export function cardToHtml(card: Card): string {
  const body = isRecord(card.body) ? card.body : card;
  return `<div class="card">${headerToHtml(card.header)}<div class="body">${partsToHtml(body.elements)}</div></div>`;
}

const headerColors = new Set(['blue', 'green', 'red', 'orange', 'purple', 'grey']);

function headerToHtml(header: unknown): string {
  if (!isRecord(header)) return '';
  const color = headerColors.has(String(header.template)) ? String(header.template) : 'blue';
  const subtitle = isRecord(header.subtitle) ? `<small>${textToHtml(header.subtitle)}</small>` : '';
  return `<header style="--accent:var(--${color})">${textToHtml(header.title)}${subtitle}</header>`;
}

function partsToHtml(parts: unknown): string {
  return Array.isArray(parts) ? parts.map((part) => (isRecord(part) ? partToHtml(part) : '')).join('') : '';
}

function partToHtml(part: Part): string {
  switch (part.tag) {
    case 'markdown':
      return `<div class="${textClass(part)}">${markdownToHtml(String(part.content ?? ''))}</div>`;
    case 'div':
      return `<div class="markdown">${textToHtml(part.text)}</div>`;
    case 'hr':
      return '<hr>';
    case 'img':
      return chip('image', 'image');
    case 'button':
      return buttonToHtml(part);
    case 'table':
      return tableToHtml(part);
    case 'column_set':
      return `<div class="columns">${partsToHtml(part.columns)}</div>`;
    case 'column':
      return `<div class="column">${partsToHtml(part.elements)}</div>`;
    case 'collapsible_panel':
      return panelToHtml(part);
    case 'input':
      return `<div class="input">${textToHtml(part.placeholder) || '…'}</div>`;
    case 'note':
      return `<div class="markdown small">${partsToHtml(part.elements)}</div>`;
    case 'action':
      return `<div class="columns">${partsToHtml(part.actions)}</div>`;
    case 'form':
    case 'interactive_container':
      return partsToHtml(part.elements);
    case 'plain_text':
    case 'lark_md':
      return textToHtml(part);
    default:
      return `<div class="chip">${escapeHtml(String(part.tag))}</div>`;
  }
}

/** An object `{tag: 'plain_text' | 'lark_md', content}`. */
function textToHtml(text: unknown): string {
  if (!isRecord(text)) return '';
  const content = String(text.content ?? '');
  return text.tag === 'lark_md' ? markdownToHtml(content) : escapeHtml(content);
}

function textClass({ text_size: size }: Part): string {
  return typeof size === 'string' && size.startsWith('notation') ? 'markdown small' : 'markdown';
}

function buttonToHtml(part: Part): string {
  const type = String(part.type ?? 'default');
  const style = ['danger', 'primary'].find((name) => type.startsWith(name)) ?? 'default';
  const width = part.width === 'fill' ? ' fill' : '';
  const disabled = part.disabled === true ? ' disabled' : '';
  return `<span class="button ${style}${width}${disabled}">${textToHtml(part.text)}</span>`;
}

function panelToHtml(part: Part): string {
  const title = isRecord(part.header) ? textToHtml(part.header.title) : '';
  const open = part.expanded === true ? ' open' : '';
  return `<details${open}><summary>${title}</summary>${partsToHtml(part.elements)}</details>`;
}

function tableToHtml({ columns, rows }: Part): string {
  const named = Array.isArray(columns) ? columns.filter(isRecord) : [];
  const head = named.map((column) => `<th>${escapeHtml(String(column.display_name ?? column.name ?? ''))}</th>`);
  const lines = (Array.isArray(rows) ? rows.filter(isRecord) : []).map((row) => {
    const cells = named.map((column) => `<td>${inlineToHtml(String(row[String(column.name)] ?? ''))}</td>`);
    return `<tr>${cells.join('')}</tr>`;
  });
  return `<table><tr>${head.join('')}</tr>${lines.join('')}</table>`;
}
