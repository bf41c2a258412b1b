/** @import { ConsoleFrame } from '../frames.ts' */
/** @import { UnsentMessage } from './unsent.js' */
import { ActionButtons } from './action-buttons.js';
import { AttachedFiles } from './attached-files.js';
import { Composer } from './composer.js';
import { Connection } from './connection.js';
import { ConnectionSign } from './connection-sign.js';
import { findElement } from './create-element.js';
import { LiveTurns } from './live-turns.js';
import { MessageList } from './message-list.js';
import { NodeMenu } from './node-menu.js';
import { PageLanguage } from './page-language.js';
import { Toast } from './toast.js';
import { Unsent } from './unsent.js';

/** The router's name for the message that this page said under `id`. */
const toMessageId = (/** @type {string} */ id) => `console:${id}`;

const language = new PageLanguage({
  asked: new URL(location.href).searchParams.get('lang'),
  preferred: navigator.language,
});
language.follow(() => {
  document.documentElement.lang = language.tag;
  language.writeInto(document);
});
const sign = new ConnectionSign(findElement('connection', HTMLElement), language);
const nodes = new NodeMenu({
  button: findElement('machines', HTMLButtonElement),
  summary: findElement('summary', HTMLElement),
  list: findElement('nodes', HTMLElement),
  language,
  onSay: (texts) => texts.forEach(sayText),
});
const toast = new Toast(findElement('toast', HTMLElement));
const buttons = new ActionButtons({
  messages: findElement('messages', HTMLElement),
  language,
  onPress: (messageId, actionId) => {
    toast.hide();
    connection.send({ type: 'press', messageId, actionId });
  },
});
const list = new MessageList({
  buttons,
  language,
  scroller: findElement('scroller', HTMLElement),
  messages: findElement('messages', HTMLElement),
  typing: findElement('typing', HTMLElement),
  greeting: findElement('greeting', HTMLElement),
  newest: findElement('newest', HTMLElement),
});
const live = new LiveTurns({
  language,
  place: (view, replyTo) => list.placeUnder(replyTo, view),
  onStop: (turnId) => {
    toast.hide();
    connection.send({ type: 'stop', turnId });
  },
});
const unsent = new Unsent();
const connection = new Connection({
  after: () => list.newestSeq,
  onFrame,
  onState: (state) => {
    sign.show(state);
    buttons.setConnected(state === 'open');
    live.setConnected(state === 'open');
  },
});

const files = new AttachedFiles({
  chips: findElement('attached', HTMLElement),
  choose: findElement('attach', HTMLButtonElement),
  input: findElement('files', HTMLInputElement),
  dropPlace: document.body,
  language,
  onChange: () => composer.filesChanged(),
  onRefused: (reason) => toast.show('error', reason),
});
const composer = new Composer({
  form: findElement('composer', HTMLFormElement),
  text: findElement('text', HTMLTextAreaElement),
  send: findElement('send', HTMLButtonElement),
  files,
  language,
  onSay: (text, files) => say({ id: crypto.randomUUID(), text, files, at: Date.now() }),
});
for (const button of document.querySelectorAll('#greeting button')) {
  button.addEventListener('click', () => sayText(button.querySelector('strong')?.textContent ?? ''));
}
keepAboveKeyboard();
connection.open();

/** @param {string} text */
function sayText(text) {
  say({ id: crypto.randomUUID(), text, files: [], at: Date.now() });
}

/** @param {UnsentMessage} message */
function say(message) {
  unsent.add(message);
  list.showOwn({ ...message, id: toMessageId(message.id) }, { state: 'sending' });
  connection.send({ type: 'say', id: message.id, text: message.text, files: [...message.files] });
}

/** @param {ConsoleFrame} frame */
function onFrame(frame) {
  switch (frame.type) {
    case 'history':
      language.choose(frame.language);
      if (frame.replaces) list.replaceAll(frame.messages);
      else list.addAll(frame.messages);
      for (const message of frame.changed) list.update(message);
      live.replaceAll(frame.live, frame.now);
      nodes.show(frame.nodes);
      for (const message of unsent.all()) say(message);
      return;
    case 'message':
      if (frame.endsTurn !== undefined) live.end(frame.endsTurn);
      list.add(frame.message);
      return;
    case 'update':
      list.update(frame.message);
      return;
    case 'pressed':
      buttons.release(frame.messageId);
      toast.show(frame.outcome.kind, frame.outcome.toast);
      return;
    case 'stopped':
      live.release(frame.turnId);
      toast.show(frame.outcome.kind, frame.outcome.toast);
      return;
    case 'stored':
      showStored(frame.id);
      return;
    case 'refused':
      showRefused(frame.id, frame.reason);
      return;
    case 'progress':
      live.show(frame);
      return;
    case 'turn-over':
      live.end(frame.turnId);
      return;
    case 'nodes':
      nodes.show(frame.nodes);
  }
}

/** @param {string} id */
function showStored(id) {
  const message = unsent.find(id);
  if (message === undefined) return;
  unsent.remove(id);
  list.showOwn({ ...message, id: toMessageId(id) }, { state: 'sent' });
  if (!live.isFor(toMessageId(id))) list.waitForAnswer(toMessageId(id));
}

/**
 * @param {string} id
 * @param {string} reason
 */
function showRefused(id, reason) {
  const message = unsent.find(id);
  if (message === undefined) return;
  list.showOwn({ ...message, id: toMessageId(id) }, { state: 'refused', reason }, () => say(message));
}

/** Safari lays its keyboard over the page; the page then takes the height that is left. */
function keepAboveKeyboard() {
  const viewport = window.visualViewport;
  if (viewport === null) return;
  const fit = () => document.documentElement.style.setProperty('--height', `${viewport.height}px`);
  viewport.addEventListener('resize', fit);
  fit();
}
