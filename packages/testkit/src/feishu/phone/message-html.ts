import { isRecord } from '../content.ts';
import type { FeishuMessage } from '../message.ts';
import { cardToHtml } from './card-html.ts';
import { chip } from './chip.ts';
import { escapeHtml, markdownToHtml } from './markdown-html.ts';

/** What is in the bubble of a message, or in its place. */
export function contentToHtml(message: FeishuMessage): string {
  const content: unknown = JSON.parse(message.content);
  if (!isRecord(content)) return bubble(escapeHtml(message.text));
  switch (message.messageType) {
    case 'text':
      return bubble(escapeHtml(message.text).replaceAll('\n', '<br>'));
    case 'post':
      return bubble(postToHtml(content));
    case 'interactive':
      return cardToHtml(content);
    case 'image':
      return chip('image', 'image');
    case 'audio':
      return chip('audio', 'voice message');
    case 'media':
      return chip('video', String(content.file_name ?? 'video'));
    case 'file':
      return chip('file', String(content.file_name ?? 'file'));
    default:
      return chip('file', message.messageType);
  }
}

function bubble(html: string): string {
  return `<div class="bubble">${html}</div>`;
}

/** A post as it is sent (with a language) or as it arrives (without one). */
function postToHtml(content: Readonly<Record<string, unknown>>): string {
  const post = 'content' in content ? content : Object.values(content).find(isRecord);
  if (post === undefined) return '';
  const title = typeof post.title === 'string' && post.title !== '' ? `<h4>${escapeHtml(post.title)}</h4>` : '';
  const lines = Array.isArray(post.content) ? post.content : [];
  return title + lines.map((line) => (Array.isArray(line) ? line.map(pieceToHtml).join('') : '')).join('<br>');
}

function pieceToHtml(piece: unknown): string {
  if (!isRecord(piece)) return '';
  const text = String(piece.text ?? '');
  switch (piece.tag) {
    case 'md':
      return markdownToHtml(text);
    case 'code_block':
      return `<div class="code"><pre>${escapeHtml(text)}</pre></div>`;
    case 'a':
      return `<a>${escapeHtml(text)}</a>`;
    case 'at':
      return `<span class="mention">@${escapeHtml(String(piece.user_name ?? piece.user_id ?? ''))}</span>`;
    case 'img':
      return chip('image', 'image');
    case 'hr':
      return '<hr>';
    default:
      return escapeHtml(text);
  }
}
