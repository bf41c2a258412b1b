/** @import { PageLanguage } from './page-language.js' */
import { createElement } from './create-element.js';
import { sizeText } from './file-views.js';

/** @typedef {{ readonly id: string, readonly name: string }} AttachedFile a file that the router has */
/** @typedef {{ readonly file: File, readonly chip: HTMLElement, stored: AttachedFile | undefined }} Entry */

const maxFiles = 10;
const maxBytes = 30 * 1024 * 1024;

/** Files that go with the next message: the router gets each as soon as it is chosen. */
export class AttachedFiles {
  #chips;
  #onChange;
  #onRefused;
  #language;
  /** @type {Set<Entry>} */
  #entries = new Set();

  /**
   * @param {{
   *   chips: HTMLElement,
   *   choose: HTMLButtonElement,
   *   input: HTMLInputElement,
   *   dropPlace: HTMLElement,
   *   onChange: () => void,
   *   onRefused: (reason: string) => void,
   *   language: PageLanguage,
   * }} options
   */
  constructor({ chips, choose, input, dropPlace, onChange, onRefused, language }) {
    this.#chips = chips;
    this.#onChange = onChange;
    this.#onRefused = onRefused;
    this.#language = language;
    choose.addEventListener('click', () => input.click());
    input.addEventListener('change', () => {
      this.#addAll(input.files ?? []);
      input.value = '';
    });
    dropPlace.addEventListener('dragover', (event) => event.preventDefault());
    dropPlace.addEventListener('drop', (event) => {
      event.preventDefault();
      this.#addAll(event.dataTransfer?.files ?? []);
    });
    dropPlace.addEventListener('paste', (event) => {
      const files = event.clipboardData?.files ?? [];
      if (files.length === 0) return;
      event.preventDefault();
      this.#addAll(files);
    });
  }

  /** Whether there are any, and the router has all of them. */
  get areReady() {
    return this.#entries.size > 0 && !this.areComing;
  }

  /** Whether one is on its way to the router. */
  get areComing() {
    return [...this.#entries].some(({ stored }) => stored === undefined);
  }

  /**
   * Those that are there; they are not attached any longer.
   *
   * @returns {readonly AttachedFile[]}
   */
  take() {
    const files = [...this.#entries].flatMap(({ stored }) => (stored === undefined ? [] : [stored]));
    this.#entries.clear();
    this.#chips.replaceChildren();
    this.#onChange();
    return files;
  }

  /** @param {Iterable<File>} files */
  #addAll(files) {
    const { texts } = this.#language;
    for (const file of files) {
      if (this.#entries.size >= maxFiles) this.#onRefused(texts.tooManyFiles(maxFiles));
      else if (file.size > maxBytes) this.#onRefused(texts.tooLarge(file.name));
      else void this.#add(file);
    }
  }

  /** @param {File} file */
  async #add(file) {
    const { texts } = this.#language;
    const chip = createElement('span', { class: 'chip', 'data-state': 'coming' }, [
      `${file.name} (${sizeText(file.size, texts)})`,
    ]);
    const remove = createElement('button', { type: 'button', 'aria-label': texts.remove(file.name) }, ['×']);
    chip.append(remove);
    /** @type {Entry} */
    const entry = { file, chip, stored: undefined };
    remove.addEventListener('click', () => this.#remove(entry));
    this.#entries.add(entry);
    this.#chips.append(chip);
    this.#onChange();
    try {
      entry.stored = { id: await bring(file), name: file.name.slice(0, 255) };
      chip.dataset.state = 'there';
      this.#onChange();
    } catch (error) {
      this.#remove(entry);
      const reason = error instanceof BringError ? error.message : texts.tryAgain;
      this.#onRefused(texts.notAttached(file.name, reason));
    }
  }

  /** @param {Entry} entry */
  #remove(entry) {
    this.#entries.delete(entry);
    entry.chip.remove();
    this.#onChange();
  }
}

/**
 * @param {File} file
 * @returns {Promise<string>} the router's id of it
 */
async function bring(file) {
  const response = await fetch('/console/files', { method: 'POST', body: file });
  /** @type {{ id?: string, reason?: string }} */
  const { id, reason } = await response.json();
  if (id === undefined) throw new BringError(reason);
  return id;
}

/** The router did not take a file. Its message is the router's reason. */
class BringError extends Error {}
