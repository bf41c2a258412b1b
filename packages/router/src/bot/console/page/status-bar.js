/** @import { NodeState } from '../frames.ts' */
/** @import { ConnectionState } from './connection.js' */
import { createElement } from './create-element.js';

/** @type {Record<ConnectionState, string>} */
const words = {
  connecting: 'Connecting…',
  open: 'Connected',
  reconnecting: 'Reconnecting…',
  'signed-out': 'Signed out',
};

/** The top of the page: whether the router is reached, and which machines it reaches. */
export class StatusBar {
  #connection;
  #nodes;

  /** @param {{ connection: HTMLElement, nodes: HTMLElement }} elements */
  constructor({ connection, nodes }) {
    this.#connection = connection;
    this.#nodes = nodes;
  }

  /** @param {ConnectionState} state */
  showConnection(state) {
    this.#connection.dataset.state = state;
    this.#connection.textContent = words[state];
  }

  /** @param {readonly NodeState[]} nodes */
  showNodes(nodes) {
    const items = nodes
      .toSorted((a, b) => Number(b.online) - Number(a.online))
      .map(({ displayName, online }) =>
        createElement('li', { class: online ? 'online' : 'offline' }, [
          displayName,
          createElement('span', { class: 'only-spoken' }, [online ? ' online' : ' offline']),
        ]),
      );
    if (!nodes.some(({ online }) => online)) {
      items.unshift(createElement('li', { class: 'none' }, ['No machine connected']));
    }
    this.#nodes.replaceChildren(...items);
  }
}
