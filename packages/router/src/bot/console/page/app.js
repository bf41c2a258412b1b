/** @import { ConsoleFrame } from '../frames.ts' */
/** @import { UnsentMessage } from './unsent.js' */
import { ActionButtons } from './action-buttons.js';
import { AttachedFiles } from './attached-files.js';
import { Composer } from './composer.js';
import { Connection } from './connection.js';
import { findElement } from './create-element.js';
import { MessageList } from './message-list.js';
import { StatusBar } from './status-bar.js';
import { Toast } from './toast.js';
import { Unsent } from './unsent.js';

/** The router's name for the message that this page said under `id`. */
const toMessageId = (/** @type {string} */ id) => `console:${id}`;

const status = new StatusBar({
  connection: findElement('connection', HTMLElement),
  nodes: findElement('nodes', HTMLElement),
});
const toast = new Toast(findElement('toast', HTMLElement));
const buttons = new ActionButtons({
  messages: findElement('messages', HTMLElement),
  onPress: (messageId, actionId) => {
    toast.hide();
    connection.send({ type: 'press', messageId, actionId });
  },
});
const list = new MessageList({
  buttons,
  scroller: findElement('scroller', HTMLElement),
  messages: findElement('messages', HTMLElement),
  typing: findElement('typing', HTMLElement),
  greeting: findElement('greeting', HTMLElement),
  newest: findElement('newest', HTMLElement),
});
const unsent = new Unsent();
const connection = new Connection({
  after: () => list.newestSeq,
  onFrame,
  onState: (state) => {
    status.showConnection(state);
    buttons.setConnected(state === 'open');
  },
});

const files = new AttachedFiles({
  chips: findElement('attached', HTMLElement),
  choose: findElement('attach', HTMLButtonElement),
  input: findElement('files', HTMLInputElement),
  dropPlace: document.body,
  onChange: () => composer.filesChanged(),
  onRefused: (reason) => toast.show('error', reason),
});
const composer = new Composer({
  form: findElement('composer', HTMLFormElement),
  text: findElement('text', HTMLTextAreaElement),
  send: findElement('send', HTMLButtonElement),
  files,
  onSay: (text, files) => say({ id: crypto.randomUUID(), text, files, at: Date.now() }),
});
for (const button of document.querySelectorAll('button[data-say]')) {
  const text = button.getAttribute('data-say') ?? '';
  button.addEventListener('click', () => say({ id: crypto.randomUUID(), text, files: [], at: Date.now() }));
}
keepAboveKeyboard();
connection.open();

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
      if (frame.replaces) list.replaceAll(frame.messages);
      else list.addAll(frame.messages);
      for (const message of frame.changed) list.update(message);
      status.showNodes(frame.nodes);
      for (const message of unsent.all()) say(message);
      return;
    case 'message':
      list.add(frame.message);
      return;
    case 'update':
      list.update(frame.message);
      return;
    case 'pressed':
      buttons.release(frame.messageId);
      toast.show(frame.outcome.kind, frame.outcome.toast);
      return;
    case 'stored':
      showStored(frame.id);
      return;
    case 'refused':
      showRefused(frame.id, frame.reason);
      return;
    case 'progress':
      list.showProgress(frame.replyTo, frame.text);
      return;
    case 'nodes':
      status.showNodes(frame.nodes);
  }
}

/** @param {string} id */
function showStored(id) {
  const message = unsent.find(id);
  if (message === undefined) return;
  unsent.remove(id);
  list.showOwn({ ...message, id: toMessageId(id) }, { state: 'sent' });
  list.waitForAnswer(toMessageId(id));
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
