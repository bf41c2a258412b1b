/** @import { NodeState, SessionState } from '../frames.ts' */
/** @import { PageTexts } from './texts.js' */
import { createElement } from './create-element.js';

/**
 * @typedef {{
 *   readonly texts: PageTexts,
 *   readonly isOnly: boolean,
 *   readonly onSay: (texts: readonly string[]) => void,
 * }} Surroundings `isOnly`: there is no other machine to tell apart
 */

/**
 * A machine with its sessions, each of which can be chosen.
 *
 * @param {NodeState} node
 * @param {Surroundings} surroundings
 */
export function nodeView(node, surroundings) {
  const { nodeId, displayName, online, sessions, moreSessions } = node;
  const { texts, onSay } = surroundings;
  const state = online ? texts.online : texts.offline;
  const id = displayName === nodeId ? '' : `${nodeId} · `;
  const choose = row('node', [sign(node, [displayName]), stateText(id + state)], () => onSay([`/node ${nodeId}`]));
  if (sessions.length === 0) return createElement('li', {}, [choose]);
  const rows = sessions.map((session) => createElement('li', {}, [sessionRow(session, nodeId, surroundings)]));
  const more = moreSessions === 0 ? [] : [createElement('li', { class: 'more' }, [texts.moreSessions(moreSessions)])];
  return createElement('li', {}, [choose, createElement('ul', {}, [...rows, ...more])]);
}

/**
 * A machine's name behind a sign that tells whether it is there.
 *
 * @param {NodeState} node
 * @param {PageTexts} texts
 */
export function nodeName(node, texts) {
  const state = node.online ? texts.online : texts.offline;
  return sign(node, [node.displayName, createElement('span', { class: 'only-spoken' }, [` ${state}`])]);
}

/**
 * @param {NodeState} node
 * @param {readonly (Node | string)[]} content
 */
function sign({ online }, content) {
  return createElement('span', { class: online ? 'online' : 'offline' }, content);
}

/**
 * @param {SessionState} session
 * @param {string} nodeId
 * @param {Surroundings} surroundings
 */
function sessionRow({ name, state }, nodeId, { texts, isOnly, onSay }) {
  // Words for a session go to the machine that the user works with, so that one is chosen first.
  const said = isOnly ? [`/switch ${name}`] : [`/node ${nodeId}`, `@${nodeId} /switch ${name}`];
  // Nodes of another version may know other states.
  const known = Object.entries(texts.sessionStates).find(([key]) => key === state)?.[1];
  return row('session', [createElement('span', {}, [name]), stateText(known ?? state)], () => onSay(said));
}

/** @param {string} text */
function stateText(text) {
  return createElement('span', { class: 'state' }, [text]);
}

/**
 * @param {'node' | 'session'} kind
 * @param {readonly Node[]} content
 * @param {() => void} onChoose
 */
function row(kind, content, onChoose) {
  const button = createElement('button', { type: 'button', class: kind }, content);
  button.addEventListener('click', onChoose);
  return button;
}
