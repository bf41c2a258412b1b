import type { FeishuMessage } from '../message.ts';
import { reactionIcons } from './icons.ts';
import { escapeHtml } from './markdown-html.ts';
import { contentToHtml } from './message-html.ts';
import { phoneStyle } from './style.ts';

export type PhonePage = {
  /** In order. */
  readonly messages: readonly FeishuMessage[];
  readonly botName: string;
  /** Whose phone it is. */
  readonly userOpenId: string;
};

/** A chat as one page of HTML: no scripts, nothing from elsewhere, and a text is never more than a text. */
export function toPhonePage({ messages, botName, userOpenId }: PhonePage): string {
  const byId = new Map(messages.map((message) => [message.id, message]));
  const views = messages.map((message) => {
    const quoted = message.replyTo === undefined ? undefined : byId.get(message.replyTo);
    return messageToHtml(message, { quoted, botName, isMine: message.openId === userOpenId });
  });
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=390">
<title>${escapeHtml(botName)}</title>
<style>${phoneStyle}</style>
</head>
<body>
<div class="bar">${escapeHtml(botName)}<small>bot</small></div>
<div class="chat">
${views.join('\n')}
</div>
</body>
</html>
`;
}

function messageToHtml(
  message: FeishuMessage,
  {
    quoted,
    botName,
    isMine,
  }: { readonly quoted: FeishuMessage | undefined; readonly botName: string; readonly isMine: boolean },
): string {
  const name = isMine ? 'You' : (message.openId ?? botName);
  if (message.state !== 'sent') return `<div class="gone">${escapeHtml(name)} took a message back</div>`;
  const classes = ['message', ...(isMine ? ['mine'] : []), ...(message.messageType === 'interactive' ? ['wide'] : [])];
  const reply = quoted === undefined ? '' : `<div class="quoted">${escapeHtml(firstLine(quoted))}</div>`;
  return `<div class="${classes.join(' ')}"><div class="face">${escapeHtml([...name][0] ?? '')}</div><div class="said">${
    isMine ? '' : `<div class="name">${escapeHtml(name)}</div>`
  }${reply}${contentToHtml(message)}${reactionsToHtml(message)}</div></div>`;
}

function firstLine({ text, messageType, state }: FeishuMessage): string {
  if (state !== 'sent') return '…';
  return text.split('\n').find((line) => line.trim() !== '') ?? `[${messageType}]`;
}

function reactionsToHtml({ reactions }: FeishuMessage): string {
  if (reactions.size === 0) return '';
  const chips = [...reactions.values()].map((name) => `<span>${reactionIcons.get(name) ?? escapeHtml(name)}</span>`);
  return `<div class="reactions">${chips.join('')}</div>`;
}
