/** @typedef {'en' | 'zh'} Language */
/** @typedef {typeof en} PageTexts what the page says; whoever adds a text here is asked for it in Chinese by the compiler */

const en = {
  machines: 'Your machines',
  noMachine: 'No machine connected',
  online: 'online',
  offline: 'offline',
  moreSessions: (/** @type {number} */ count) => `${count} more: /sessions`,
  sessionStates: {
    idle: 'idle',
    working: 'working',
    asking: 'waiting for you',
    held: 'waiting for you',
    cut: 'interrupted',
    terminal: 'in a terminal',
  },

  connecting: 'Connecting…',
  connected: 'Connected',
  reconnecting: 'Reconnecting…',
  signedOut: 'Signed out',

  startHere: 'Start here',
  greeting: 'What shall we work on?',
  greetingMore: 'Whatever you write here, the assistant on your machine answers, and does the work there.',
  exampleAsk: 'What can you do for me?',
  exampleAskMore: 'Ask a question, any question',
  exampleList: 'List the files here',
  exampleListMore: 'Let it look around on your machine',
  exampleHelpMore: 'See the commands',

  conversation: 'Conversation',
  you: 'You',
  today: 'Today',
  sending: 'sending…',
  sent: 'sent',
  notSent: 'not sent, tap to retry',
  working: 'PhoneWork is working on it',
  step: 'working',
  stop: 'Stop',
  choices: 'Choices',
  notConnected: 'Not connected. The buttons work again when the connection is back.',
  newMessages: 'New messages ↓',

  message: 'Message',
  messageWithKeyboard: 'Message – Shift+Enter for a new line',
  messageLabel: 'Message to PhoneWork',
  send: 'Send',

  attach: 'Attach files',
  remove: (/** @type {string} */ name) => `Remove ${name}`,
  tooManyFiles: (/** @type {number} */ most) => `One message takes ${most} files.`,
  tooLarge: (/** @type {string} */ name) => `"${name}" is larger than 30 MB.`,
  notAttached: (/** @type {string} */ name, /** @type {string} */ reason) => `"${name}" was not attached. ${reason}`,
  tryAgain: 'Try again.',
  bytes: (/** @type {number} */ count) => (count === 1 ? '1 byte' : `${count} bytes`),

  table: 'Table',
  code: (/** @type {string} */ language) => `Code, ${language}`,
  plainCode: 'text',
  copy: 'Copy',
  copied: 'Copied',
  notCopied: 'Not copied',
};

/** @type {PageTexts} */
const zh = {
  machines: '你的机器',
  noMachine: '没有机器在线',
  online: '在线',
  offline: '离线',
  moreSessions: (count) => `还有 ${count} 个：/sessions`,
  sessionStates: {
    idle: '空闲',
    working: '工作中',
    asking: '等你回答',
    held: '等你回答',
    cut: '已中断',
    terminal: '在终端中',
  },

  connecting: '正在连接…',
  connected: '已连接',
  reconnecting: '正在重新连接…',
  signedOut: '已退出登录',

  startHere: '从这里开始',
  greeting: '今天做点什么？',
  greetingMore: '你在这里写的话，由你机器上的助手来回答，并在那台机器上动手做。',
  exampleAsk: '你能帮我做什么？',
  exampleAskMore: '问一个问题，什么都行',
  exampleList: '列出这里的文件',
  exampleListMore: '让它看看你的机器上有什么',
  exampleHelpMore: '查看所有命令',

  conversation: '对话',
  you: '你',
  today: '今天',
  sending: '发送中…',
  sent: '已发送',
  notSent: '未发送，点按重试',
  working: 'PhoneWork 正在处理',
  step: '处理中',
  stop: '停止',
  choices: '选项',
  notConnected: '未连接。连接恢复后按钮可用。',
  newMessages: '新消息 ↓',

  message: '消息',
  messageWithKeyboard: '消息 – Shift+Enter 换行',
  messageLabel: '发给 PhoneWork 的消息',
  send: '发送',

  attach: '添加文件',
  remove: (name) => `移除 ${name}`,
  tooManyFiles: (most) => `一条消息最多带 ${most} 个文件。`,
  tooLarge: (name) => `"${name}" 超过 30 MB。`,
  notAttached: (name, reason) => `"${name}" 没有添加成功。${reason}`,
  tryAgain: '请再试一次。',
  bytes: (count) => `${count} 字节`,

  table: '表格',
  code: (language) => `代码，${language}`,
  plainCode: '文本',
  copy: '复制',
  copied: '已复制',
  notCopied: '复制失败',
};

/** @type {Readonly<Record<Language, PageTexts>>} */
export const pageTexts = { en, zh };
