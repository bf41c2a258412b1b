/** @import { PageTexts } from './texts.js' */
import { Marked } from '/console/marked.js';
import DOMPurify from '/console/purify.js';
import { createElement } from './create-element.js';

const allowed = {
  // What Marked makes of Markdown without images, and nothing else.
  ALLOWED_TAGS:
    'a blockquote br code del em h1 h2 h3 h4 h5 h6 hr input li ol p pre strong table tbody td th thead tr ul'.split(
      ' ',
    ),
  ALLOWED_ATTR: ['align', 'checked', 'class', 'disabled', 'href', 'start', 'type'],
  ALLOW_DATA_ATTR: false,
  ALLOW_ARIA_ATTR: false,
  // DOMPurify holds every attribute that is not named here against the pattern for addresses.
  ADD_URI_SAFE_ATTR: ['align', 'checked', 'disabled', 'start', 'type'],
  ALLOWED_URI_REGEXP: /^(?:https?|mailto):/i,
};

const marked = new Marked({
  gfm: true,
  breaks: true,
  renderer: {
    // `Vec<String>` outside of a code block is meant to be read.
    html: ({ text }) => escapeHtml(text),
    // To load it would tell its host when an answer is read, and whatever an answer's author put into its address.
    image: ({ href, text }) => `<a href="${escapeHtml(href)}">${escapeHtml(text || href)}</a>`,
  },
});

/**
 * An answer's Markdown as nodes that run nothing and load nothing.
 *
 * @param {string} markdown
 * @param {PageTexts} texts
 * @returns {DocumentFragment}
 */
export function renderMarkdown(markdown, texts) {
  const html = marked.parse(markdown, { async: false });
  const fragment = DOMPurify.sanitize(html, { ...allowed, RETURN_DOM_FRAGMENT: true });
  for (const link of fragment.querySelectorAll('a')) {
    link.target = '_blank';
    link.rel = 'noopener noreferrer';
  }
  for (const table of fragment.querySelectorAll('table')) {
    const scroller = createElement('div', { class: 'table', tabindex: '0', role: 'region', 'aria-label': texts.table });
    table.replaceWith(scroller);
    scroller.append(table);
  }
  for (const code of fragment.querySelectorAll('pre > code')) {
    const pre = code.parentElement;
    if (pre !== null) pre.replaceWith(codeBlock(pre, code, texts));
  }
  return fragment;
}

/**
 * @param {HTMLElement} pre
 * @param {Element} code
 * @param {PageTexts} texts
 */
function codeBlock(pre, code, texts) {
  const language = /^language-(\S+)$/.exec(code.className)?.[1] ?? texts.plainCode;
  const copy = createElement('button', { type: 'button', class: 'copy' }, [texts.copy]);
  copy.addEventListener('click', () => void copyText(code.textContent ?? '', { button: copy, texts }));
  const block = createElement('div', { class: 'code' }, [
    createElement('div', { class: 'code-head' }, [createElement('span', {}, [language]), copy]),
  ]);
  const scroller = createElement('pre', { tabindex: '0', role: 'region', 'aria-label': texts.code(language) }, [
    ...pre.childNodes,
  ]);
  block.append(scroller);
  return block;
}

/**
 * @param {string} text
 * @param {{ button: HTMLButtonElement, texts: PageTexts }} shown
 */
async function copyText(text, { button, texts }) {
  try {
    await navigator.clipboard.writeText(text);
    button.textContent = texts.copied;
  } catch {
    button.textContent = texts.notCopied;
  }
  setTimeout(() => {
    button.textContent = texts.copy;
  }, 2000);
}

/** @param {string} text */
function escapeHtml(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
