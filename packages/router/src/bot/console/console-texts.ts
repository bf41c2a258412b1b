import type { Text } from '@phonework/shared/language';
import type { FileRefusalCode } from '../../nodes/passing-files.ts';

/** What the server side of the console says; the page has its own in page/texts.js. */
export const consoleTexts = {
  startingOrStopping: {
    en: 'PhoneWork is starting or stopping. Try again in a moment.',
    zh: 'PhoneWork 正在启动或停止。请稍后再试。',
  },
  notTaken: {
    en: 'PhoneWork could not take this message. Try again in a moment.',
    zh: 'PhoneWork 没能收下这条消息。请稍后再试。',
  },
  attachAgain: {
    en: 'A file of this message is not here any longer: attach it again.',
    zh: '这条消息的一个文件已经不在了：请重新添加。',
  },
  buttonGone: {
    en: 'This button is no longer there: look at the message again.',
    zh: '这个按钮已经不在了：请再看一下那条消息。',
  },
  failed: { en: 'That did not work. Try again.', zh: '没有成功。请再试一次。' },
  fileNotHere: { en: 'it is not here any longer.', zh: '它已经不在这里了。' },
  noChat: (chatId: string): Text => ({
    en: `The console has no chat "${chatId}".`,
    zh: `控制台没有 "${chatId}" 这个聊天。`,
  }),
  notStored: { en: 'The message could not be stored.', zh: '消息无法保存。' },
  ownAddress: { en: 'Open the console at its own address.', zh: '请用控制台自己的地址打开它。' },
  fileNotStored: { en: 'The file could not be stored: try again.', zh: '文件无法保存：请再试一次。' },
  fileRefused: {
    too_large: { en: 'A file has at most 30 MB.', zh: '单个文件最大 30 MB。' },
    full: {
      en: 'The router holds too many files already: try again later.',
      zh: '路由器上的文件已经太多：请稍后再试。',
    },
    taken: { en: 'There is such a file already: try again.', zh: '已有这样的文件：请再试一次。' },
  } satisfies Record<FileRefusalCode, Text>,
  fileGone: {
    title: { en: 'This file is not here any longer', zh: '这个文件已经不在了' },
    sentences: [
      {
        en: 'Files are kept here for a day. Ask your machine for it again.',
        zh: '文件在这里保留一天。请让机器再发一次。',
      },
    ],
  },
  thisMachineOnly: {
    title: { en: 'The console is open to this machine only', zh: '控制台只对本机开放' },
    sentences: [
      {
        en: 'Open it as http://localhost or http://127.0.0.1, in a browser on the machine that runs the router.',
        zh: '请在运行路由器的机器上，用浏览器打开 http://localhost 或 http://127.0.0.1。',
      },
    ],
  },
  keyNeeded: {
    title: { en: 'This console needs its key', zh: '打开控制台需要密钥' },
    sentences: [
      {
        en: 'Open the address that PhoneWork printed when it started. It ends in ?token=…, and this browser then remembers it.',
        zh: '请打开 PhoneWork 启动时显示的地址，它以 ?token=… 结尾；之后这个浏览器会记住它。',
      },
      {
        en: 'If you just did that from a link on another page, <a href="/">go on to the console</a>.',
        zh: '如果你刚从别的页面的链接打开了它，请<a href="/">继续前往控制台</a>。',
      },
    ],
  },
  ownPageOnly: {
    title: { en: 'The console is open to its own page only', zh: '控制台只对自己的页面开放' },
    sentences: [{ en: 'Open it at the address of the router.', zh: '请用路由器的地址打开它。' }],
  },
} as const;
