/** @import { ConsoleMessage } from '../frames.ts' */
/** @import { ActionButtons } from './action-buttons.js' */
/** @import { AttachedFile } from './attached-files.js' */
import { createElement } from './create-element.js';
import { fileViews } from './file-views.js';
import { renderMarkdown } from './markdown.js';

/** @typedef {{ readonly state: 'sending' | 'sent' } | { readonly state: 'refused', readonly reason: string }} Delivery */

const timeFormat = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });
const dayFormat = new Intl.DateTimeFormat(undefined, { weekday: 'long', day: 'numeric', month: 'long' });

/**
 * A message as it is kept.
 *
 * @param {ConsoleMessage} message
 * @param {ActionButtons} buttons
 */
export function messageView({ id, author, text, at, actions, files }, buttons) {
  const attached = files === undefined ? [] : [fileViews(id, files)];
  if (author === 'user') {
    return view(
      'user',
      [...textBubble(text), ...attached],
      [timeView(at), ...deliveryViews({ state: 'sent' }, undefined)],
    );
  }
  const bubble = text === '' ? [] : [createElement('div', { class: 'bubble markdown' }, [renderMarkdown(text)])];
  const pressed = actions === undefined ? [] : [buttons.view(id, actions)];
  return view('bot', [...bubble, ...attached, ...pressed], [timeView(at)]);
}

/**
 * A message of the user's, on its way or arrived.
 *
 * @param {{ readonly text: string, readonly files: readonly AttachedFile[], readonly at: number }} message
 * @param {Delivery} delivery
 * @param {() => void} [retry]
 */
export function ownMessageView({ text, files, at }, delivery, retry) {
  const names = files.map(({ name }) => createElement('span', { class: 'file' }, [`📎 ${name}`]));
  const attached = names.length === 0 ? [] : [createElement('div', { class: 'files' }, names)];
  return view('user', [...textBubble(text), ...attached], [timeView(at), ...deliveryViews(delivery, retry)]);
}

/** @param {string} text */
function textBubble(text) {
  return text === '' ? [] : [createElement('div', { class: 'bubble' }, [text])];
}

/**
 * An answer that is being written. Its growing is not read aloud; the answer is, when it is there.
 *
 * @param {string} text
 */
export function liveView(text) {
  const bubble = createElement('div', { class: 'bubble markdown' }, [renderMarkdown(text)]);
  const article = view('bot', [bubble], [createElement('span', { class: 'delivery' }, ['writing…'])]);
  article.classList.add('live');
  article.setAttribute('aria-live', 'off');
  return article;
}

/**
 * A line between the messages of two days.
 *
 * @param {number} at
 */
export function dayView(at) {
  return createElement('p', { class: 'day' }, [isToday(at) ? 'Today' : dayFormat.format(at)]);
}

/**
 * @param {'user' | 'bot'} author
 * @param {readonly Node[]} content
 * @param {readonly Node[]} foot
 */
function view(author, content, foot) {
  return createElement(
    'article',
    { class: `message ${author}`, 'aria-label': author === 'user' ? 'You' : 'PhoneWork' },
    [...content, createElement('footer', {}, foot)],
  );
}

/** @param {number} at */
function timeView(at) {
  return createElement('time', { datetime: new Date(at).toISOString() }, [timeFormat.format(at)]);
}

/**
 * @param {Delivery} delivery
 * @param {(() => void) | undefined} retry
 */
function deliveryViews(delivery, retry) {
  if (delivery.state !== 'refused') {
    return [createElement('span', { class: 'delivery' }, [delivery.state === 'sent' ? 'sent' : 'sending…'])];
  }
  const button = createElement('button', { type: 'button', class: 'retry' }, [
    createElement('span', {}, ['not sent, tap to retry']),
  ]);
  if (retry !== undefined) button.addEventListener('click', retry);
  return [button, createElement('p', { class: 'refusal' }, [delivery.reason])];
}

/** @param {number} at */
function isToday(at) {
  return new Date(at).toDateString() === new Date().toDateString();
}
