/** @import { ConsoleFile } from '../frames.ts' */
/** @import { PageTexts } from './texts.js' */
import { createElement } from './create-element.js';

/**
 * The files of a message: images as such, the rest by name.
 *
 * @param {string} messageId
 * @param {readonly ConsoleFile[]} files
 * @param {PageTexts} texts
 */
export function fileViews(messageId, files, texts) {
  const folder = `/console/files/${encodeURIComponent(messageId)}`;
  const views = files.map((file, index) => fileView(`${folder}/${index}`, file, texts));
  return createElement('div', { class: 'files' }, views);
}

/**
 * @param {number} bytes
 * @param {PageTexts} texts
 * @returns {string} `512 bytes`, `2.1 KB`, `12 MB`
 */
export function sizeText(bytes, texts) {
  if (bytes < 1024) return texts.bytes(bytes);
  const [unit, value] = bytes < 1024 ** 2 ? ['KB', bytes / 1024] : ['MB', bytes / 1024 ** 2];
  return `${value.toFixed(value < 10 ? 1 : 0)} ${unit}`;
}

/**
 * @param {string} url
 * @param {ConsoleFile} file
 * @param {PageTexts} texts
 */
function fileView(url, { name, size, isImage }, texts) {
  const link = createElement('a', { class: 'file', href: url, target: '_blank', rel: 'noopener' });
  const named = () =>
    link.replaceChildren(`📎 ${name}`, createElement('span', { class: 'file-size' }, [sizeText(size, texts)]));
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
