/** @import { ConsoleMessage } from '../frames.ts' */
/** @import { ActionButtons } from './action-buttons.js' */
/** @import { AttachedFile } from './attached-files.js' */
/** @import { PageLanguage } from './page-language.js' */
import { createElement } from './create-element.js';
import { durationText } from './duration.js';
import { fileViews } from './file-views.js';
import { renderMarkdown } from './markdown.js';

/** @typedef {{ readonly state: 'sending' | 'sent' } | { readonly state: 'refused', readonly reason: string }} Delivery */

/** Of a turn that was shorter nobody asks how long it took. */
const toldFromMs = 2000;

/**
 * A message as it is kept.
 *
 * @param {ConsoleMessage} message
 * @param {{ buttons: ActionButtons, language: PageLanguage }} parts
 */
export function messageView({ id, author, text, at, actions, files, tookMs = 0 }, { buttons, language }) {
  const { texts } = language;
  const attached = files === undefined ? [] : [fileViews(id, files, texts)];
  const time = timeView(at, language);
  if (author === 'user') {
    const foot = [time, ...deliveryViews({ state: 'sent' }, { language })];
    return view('user', { language, content: [...textBubble(text), ...attached], foot });
  }
  const bubble = text === '' ? [] : [createElement('div', { class: 'bubble markdown' }, [renderMarkdown(text, texts)])];
  const pressed = actions === undefined ? [] : [buttons.view(id, actions)];
  const took = tookMs < toldFromMs ? [] : [createElement('span', { class: 'took' }, [`✓ ${durationText(tookMs)}`])];
  return view('bot', { language, content: [...bubble, ...attached, ...pressed], foot: [time, ...took] });
}

/**
 * A message of the user's, on its way or arrived.
 *
 * @param {{ readonly text: string, readonly files: readonly AttachedFile[], readonly at: number }} message
 * @param {Delivery} delivery
 * @param {{ language: PageLanguage, retry?: (() => void) | undefined }} parts
 */
export function ownMessageView({ text, files, at }, delivery, parts) {
  const names = files.map(({ name }) => createElement('span', { class: 'file' }, [`📎 ${name}`]));
  const attached = names.length === 0 ? [] : [createElement('div', { class: 'files' }, names)];
  const { language } = parts;
  const foot = [timeView(at, language), ...deliveryViews(delivery, parts)];
  return view('user', { language, content: [...textBubble(text), ...attached], foot });
}

/** @param {string} text */
function textBubble(text) {
  return text === '' ? [] : [createElement('div', { class: 'bubble' }, [text])];
}

/**
 * A line between the messages of two days.
 *
 * @param {number} at
 * @param {PageLanguage} language
 */
export function dayView(at, language) {
  return createElement('p', { class: 'day' }, [language.dayText(at)]);
}

/**
 * @param {'user' | 'bot'} author
 * @param {{ language: PageLanguage, content: readonly Node[], foot: readonly Node[] }} parts
 */
function view(author, { language, content, foot }) {
  const label = author === 'user' ? language.texts.you : 'PhoneWork';
  return createElement('article', { class: `message ${author}`, 'aria-label': label }, [
    ...content,
    createElement('footer', {}, foot),
  ]);
}

/**
 * @param {number} at
 * @param {PageLanguage} language
 */
function timeView(at, language) {
  return createElement('time', { datetime: new Date(at).toISOString() }, [language.timeText(at)]);
}

/**
 * @param {Delivery} delivery
 * @param {{ language: PageLanguage, retry?: (() => void) | undefined }} parts
 */
function deliveryViews(delivery, { language, retry }) {
  const { texts } = language;
  if (delivery.state !== 'refused') {
    return [createElement('span', { class: 'delivery' }, [delivery.state === 'sent' ? texts.sent : texts.sending])];
  }
  const button = createElement('button', { type: 'button', class: 'retry' }, [
    createElement('span', {}, [texts.notSent]),
  ]);
  if (retry !== undefined) button.addEventListener('click', retry);
  return [button, createElement('p', { class: 'refusal' }, [delivery.reason])];
}
