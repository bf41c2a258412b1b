/** @import { ConsoleFile } from '../frames.ts' */
import { createElement } from './create-element.js';

/**
 * The files of a message: images as such, the rest by name.
 *
 * @param {string} messageId
 * @param {readonly ConsoleFile[]} files
 */
export function fileViews(messageId, files) {
  const views = files.map((file, index) => fileView(`/console/files/${encodeURIComponent(messageId)}/${index}`, file));
  return createElement('div', { class: 'files' }, views);
}

/**
 * @param {number} bytes
 * @returns {string} `512 bytes`, `2.1 KB`, `12 MB`
 */
export function sizeText(bytes) {
  if (bytes < 1024) return bytes === 1 ? '1 byte' : `${bytes} bytes`;
  const [unit, value] = bytes < 1024 ** 2 ? ['KB', bytes / 1024] : ['MB', bytes / 1024 ** 2];
  return `${value.toFixed(value < 10 ? 1 : 0)} ${unit}`;
}

/**
 * @param {string} url
 * @param {ConsoleFile} file
 */
function fileView(url, { name, size, isImage }) {
  const link = createElement('a', { class: 'file', href: url, target: '_blank', rel: 'noopener' });
  const named = () =>
    link.replaceChildren(`📎 ${name}`, createElement('span', { class: 'file-size' }, [sizeText(size)]));
  if (!isImage) {
    link.setAttribute('download', name);
    named();
    return link;
  }
  const image = createElement('img', { src: url, alt: name, loading: 'lazy' });
  // It is kept for a day; then its name is what is left.
  image.addEventListener('error', named);
  link.append(image);
  return link;
}
