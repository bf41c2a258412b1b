import type { Text } from '@phonework/shared/language';

/** What the channel adds to messages by itself. */
export const feishuTexts = {
  wholeInFile: { en: '(The whole answer is in the file.)', zh: '（完整的回答在文件里。）' },
  mayRepeat: { en: '(This may have come before.)', zh: '（这条可能之前已经发过。）' },
  fileMayRepeat: { en: '(This file may have come before.)', zh: '（这个文件可能之前已经发过。）' },
  answerByTyping: {
    en: 'Answer by typing the number of one of these, or /answer and the number.',
    zh: '请输入其中一项的编号来回答，或输入 /answer 加编号。',
  },
  working: { en: '⏳ Working on it', zh: '⏳ 正在处理' },
  stop: { en: 'Stop', zh: '停止' },
  answerBelow: { en: 'The answer is below.', zh: '回答在下面。' },
  notHandedOver: {
    en: 'The message could not be handed to Feishu; it will be tried again.',
    zh: '消息未能交给飞书，稍后会重试。',
  },
  askedToWait: { en: 'Feishu asks to wait before the next message.', zh: '飞书要求稍等再发下一条消息。' },
  wrongCredentials: {
    en: 'Feishu does not accept the app id and secret; check both.',
    zh: '飞书不接受应用的 App ID 和 Secret，请检查两者。',
  },
  unreachable: {
    en: 'Feishu could not be reached; the message will be tried again.',
    zh: '暂时连不上飞书，消息稍后会重试。',
  },
  fileUnreadable: { en: 'The file could not be read on the router.', zh: '路由器上读不到这个文件。' },
  refused: (code: number | string) => ({
    en: `Feishu refused the message (code ${code}).`,
    zh: `飞书拒绝了这条消息（错误码 ${code}）。`,
  }),
  scopeMissing: (code: number) => ({
    en: `Feishu refused the message: the app lacks a permission (code ${code}). Grant it in the developer console.`,
    zh: `飞书拒绝了这条消息：应用缺少权限（错误码 ${code}）。请在开发者后台开通。`,
  }),
  sensitive: (code: number) => ({
    en: `Feishu holds the message back: it takes something in it for sensitive, such as a phone number or a password (code ${code}). Ask for the answer without it.`,
    zh: `飞书拦下了这条消息：它认为其中有敏感内容，例如电话号码或密码（错误码 ${code}）。请让回答不包含这些内容再试。`,
  }),
  noSuchFile: { en: 'Feishu has no such file with that message.', zh: '飞书里这条消息没有这个文件。' },
  notInChat: { en: 'The app is not in that chat.', zh: '应用不在这个会话里。' },
  fileTooLarge: { en: 'The file is too large for Feishu.', zh: '文件太大，飞书不接受。' },
  fileEmpty: { en: 'Feishu takes no empty files.', zh: '飞书不接受空文件。' },
  imageUnknown: { en: 'Feishu does not know this format of image.', zh: '飞书不认识这种图片格式。' },
  fileTooLargeToFetch: { en: 'The file is too large for Feishu to hand out.', zh: '文件太大，飞书不提供下载。' },
  imageTooManyPixels: { en: 'The image has too many pixels for Feishu.', zh: '图片的像素太多，飞书不接受。' },
  filesNotHandedOut: {
    en: 'Feishu does not hand out the files of such a message.',
    zh: '飞书不提供这类消息里的文件。',
  },
} as const satisfies Record<string, Text | ((...facts: never[]) => Text)>;
