import type { Said, Text } from '@phonework/shared/language';
import { bilingual, inLanguage } from '@phonework/shared/language';

const helpEn = `Your messages go to your own machine. An assistant answers them there and does the work; for code it has Claude Code.

Just write what you want: a question, "list the files here", "send me report.pdf", "remind me at 6". Files, images and voice work too.

/help – this text
/status – what your machine is doing, and what waits for your answer
/stop – stop what is running; ! in front of a message does that and goes next
/answer <words> – answer what you are asked, where buttons fail

Claude Code:
/new <name or path>: <what to do> – open a session
/sessions, /switch <name>, /close – your sessions, and others on that machine
/direct, /smart – write to the session itself, or to the assistant
/mode, /model, /compact, /clear – settings and memory

Commands, tasks, reminders:
/shell <command> – run a command; /rules – what you always allow
/tasks, /task <id> – what runs in the background
/remind 10m <text>, /reminders – later

Machines:
/nodes – yours
/node <name> – work with another one; @name in front of a message is for that message alone, @all for every machine`;

const helpZh = `你的消息会送到你自己的机器上，由那里的助手回答并干活；写代码时它会用 Claude Code。

直接写你想要的就行：一个问题、“列出这里的文件”、“把 report.pdf 发给我”、“6 点提醒我”。文件、图片和语音也可以。

/help – 这段说明
/status – 机器正在做什么，有什么在等你回答
/stop – 停下正在运行的；消息前加 ! 会停下它并排到最前
/answer <文字> – 按钮失灵时，这样回答问题

Claude Code：
/new <名称或路径>: <要做的事> – 打开一个会话
/sessions、/switch <名称>、/close – 你的会话，以及那台机器上的其他会话
/direct、/smart – 直接写给会话，或写给助手
/mode、/model、/compact、/clear – 设置与记忆

命令、任务、提醒：
/shell <命令> – 运行一条命令；/rules – 你始终允许的命令
/tasks、/task <编号> – 后台在运行什么
/remind 10m <内容>、/reminders – 稍后提醒

机器：
/nodes – 你的机器
/node <名称> – 换一台机器；消息开头写 @名称 只对这条消息有效，@all 发给所有机器`;

/** What the router says to people, in one place. */
export const texts = {
  notAllowed: (openId: string): Text => ({
    en: `Not allowed. Your open_id is ${openId}: ask the owner of this bot to add it to ALLOWED_OPEN_IDS.`,
    zh: `没有权限（Not allowed）。你的 open_id 是 ${openId}：请让机器人的主人把它加入 ALLOWED_OPEN_IDS。`,
  }),
  welcome: {
    en: `Hi! I pass your messages to your own machines, and work gets done there.

Three things to try:
• "what is in this folder?"
• /new demo: create hello.txt with hi
• /remind 10m stretch

/help lists everything.`,
    zh: `你好！我会把你的消息转给你自己的机器，在那里干活。

可以先试三件事：
• “这个文件夹里有什么？”
• /new demo: 创建 hello.txt，内容是 hi
• /remind 10m 起来走走

/help 列出全部功能。`,
  },
  help: { en: helpEn, zh: helpZh },
  unreadable: (kinds: Text): Text => ({
    en: `I can't read ${kinds.en} yet. Send it as text.`,
    zh: `我还读不懂${kinds.zh}。请用文字发给我。`,
  }),
  /** What people call the kinds of messages that can't be read, by the platform's names. */
  unreadableKinds: new Map<string, Text>([
    ['sticker', { en: 'stickers', zh: '表情包' }],
    ['interactive', { en: 'cards', zh: '卡片' }],
    ['location', { en: 'locations', zh: '位置' }],
    ['share_chat', { en: 'shared groups', zh: '群名片' }],
    ['share_user', { en: 'contact cards', zh: '个人名片' }],
    ['merge_forward', { en: 'forwarded conversations', zh: '合并转发的聊天记录' }],
    ['system', { en: 'system messages', zh: '系统消息' }],
    ['hongbao', { en: 'red packets', zh: '红包' }],
    ['folder', { en: 'folders', zh: '文件夹' }],
    ['todo', { en: 'tasks', zh: '任务' }],
    ['vote', { en: 'polls', zh: '投票' }],
    ['video_chat', { en: 'meeting invitations', zh: '视频会议' }],
    ['share_calendar_event', { en: 'calendar events', zh: '日程' }],
    ['calendar', { en: 'calendar events', zh: '日程' }],
    ['general_calendar', { en: 'calendar events', zh: '日程' }],
  ]),
  otherKind: (kind: string): Text => ({ en: `this kind of message (${kind})`, zh: `这种消息（${kind}）` }),
  unknownMenuKey: (key: string): Text => ({
    en: `I don't know what "${key}" in the menu stands for: /help lists what I can do.`,
    zh: `我不认识菜单里的 "${key}"：发送 /help 查看全部功能。`,
  }),
  foundLate: (sentAt: string): Text => ({
    en: `⏪ I was away and found this in the chat: handled now (sent at ${sentAt}).`,
    zh: `⏪ 我刚才不在线，在聊天里找到了这条消息，现在处理（发送于 ${sentAt}）。`,
  }),
  foundTooLate: (lines: readonly string[], more: number): Text => ({
    en: [
      '⏪ These came while I was away, and are too old to run. Send again what still matters:',
      ...(more > 0 ? [`- (${more} before these)`] : []),
      ...lines,
    ].join('\n'),
    zh: [
      '⏪ 这些消息是我不在线时发来的，时间太久，不再执行。仍然需要的请再发一次：',
      ...(more > 0 ? [`- （更早的还有 ${more} 条）`] : []),
      ...lines,
    ].join('\n'),
  }),
  takenBack: { en: 'Taken back.', zh: '已撤回。' },
  empty: {
    en: 'That message was empty. Write what you want, or /help.',
    zh: '这条消息是空的。写下你想做的事，或发送 /help。',
  },
  noNode: {
    en: 'None of your machines has connected to me yet. Start the host client on one of them, with your id in SERVES_USERS.',
    zh: '你的机器还没有一台连上我。请在其中一台上启动 host client，并把你的 id 写入 SERVES_USERS。',
  },
  whichNode: (names: readonly string[]): Text => {
    const list = names.map((name, index) => `${index + 1}. ${name}`).join('\n');
    return {
      en: `Which machine is this for? Press a button, or answer with its number:\n${list}`,
      zh: `这条消息给哪台机器？请按按钮，或回复编号：\n${list}`,
    };
  },
  sentTo: (name: string): Text => same(`→ ${name}`),
  chosen: (label: string): Text => same(`✓ ${label}`),
  chosenOffline: (label: string, name: string): Text => ({
    en: `✓ ${label}. Node "${name}" is offline and gets your answer when it is back.`,
    zh: `✓ ${label}。节点 "${name}" 不在线，回来后会收到你的回答。`,
  }),
  cancelled: (summary: string): Text => ({ en: `Cancelled: "${summary}"`, zh: `已取消："${summary}"` }),
  tooLateToChange: { en: 'Too late: the machine has this message already.', zh: '太晚了：机器已经收到这条消息。' },
  pressLate: { en: 'This button is no longer in use.', zh: '这个按钮已经失效。' },
  pressNotYours: { en: 'This question was not for you.', zh: '这个问题不是问你的。' },
  pressEnded: { en: 'This question is no longer open.', zh: '这个问题已经结束。' },
  pressTwice: (answer: string): Text => ({ en: `Already answered: ${answer}`, zh: `已经回答过：${answer}` }),
  pressFailed: { en: 'That did not work. Try again in a moment.', zh: '没有成功。请稍后再试。' },
  questionOver: { en: 'No longer open.', zh: '已结束。' },
  stopping: { en: 'Stopping…', zh: '正在停止…' },
  stopTooLate: { en: 'That is over already.', zh: '它已经结束了。' },
  stopOffline: (name: string): Text => ({
    en: `"${name}" is offline, so this can't be stopped now. Send /stop when it is back.`,
    zh: `"${name}" 不在线，现在无法停止。它回来后请发送 /stop。`,
  }),
  stopNotYours: { en: 'Only who asked for this can stop it.', zh: '只有发起的人才能停止它。' },
  connectedNodes: { en: 'Connected Nodes:', zh: '已连接的节点：' },
  howToSwitch: {
    en: 'Use "/node <name>" to switch active node.',
    zh: '用 "/node <名称>" 切换当前节点。',
  },
  nodeLine: (node: {
    readonly name: string;
    readonly isActive: boolean;
    /** Undefined while it is offline. */
    readonly sessions: number | undefined;
    readonly since: string;
  }): Text => {
    const name = node.isActive ? `→ ${node.name} [ACTIVE]` : `  ${node.name}`;
    return node.sessions === undefined
      ? { en: `${name} offline ${node.since}`, zh: `${name} 离线 ${node.since}` }
      : {
          en: `${name} sessions=${node.sessions} online ${node.since}`,
          zh: `${name} 会话=${node.sessions} 在线 ${node.since}`,
        };
  },
  active: (name: string): Text => ({ en: `Active node: ${name}`, zh: `当前节点：${name}` }),
  activeOffline: (name: string): Text => ({
    en: `Active node: ${name} (offline; your messages wait until it is back)`,
    zh: `当前节点：${name}（不在线，消息会等它回来）`,
  }),
  nodeUsage: (names: readonly string[]): Text => ({
    en: `Which one? /node <name>, with one of: ${names.join(', ')}`,
    zh: `哪一台？/node <名称>，可选：${names.join('、')}`,
  }),
  disconnected: (name: string): Text => ({
    en: `⚠️ Node "${name}" disconnected.`,
    zh: `⚠️ 节点 "${name}" 已断开。`,
  }),
  reconnected: (name: string): Text => ({
    en: `✅ Node "${name}" reconnected.`,
    zh: `✅ 节点 "${name}" 已重新连接。`,
  }),
  offlineNow: { en: '(offline)', zh: '（不在线）' },
  sendTo: (name: string): Text => ({ en: `Send to ${name}`, zh: `发给 ${name}` }),
  cancel: { en: 'Cancel', zh: '取消' },
  unknownNode: (name: string, names: readonly string[]): Text => ({
    en: `No machine is called "${name}". Yours are: ${names.join(', ')}.`,
    zh: `没有叫 "${name}" 的机器。你的机器有：${names.join('、')}。`,
  }),
  offline: (name: string, place: number): Text => ({
    en: `Node "${name}" is offline. Your message waits (#${place} in its queue) and runs when it is back.`,
    zh: `节点 "${name}" 不在线。你的消息在排队（第 ${place} 位），等它回来就处理。`,
  }),
  queueFull: (name: string): Text => ({
    en: `Too many messages wait for "${name}" already. This one was not taken: send it again later.`,
    zh: `等待 "${name}" 的消息太多，这条没有收下：请稍后再发。`,
  }),
  cannotStore: {
    en: '⚠️ I can’t take messages just now: the disk of the router is full or broken. They come to me again by themselves, at first within minutes: free some space there.',
    zh: '⚠️ 我现在无法接收消息：路由器的磁盘已满或损坏。消息会自动重新送达，最初在几分钟内：请在那里腾出空间。',
  },
  tooMuchWaits: {
    en: '⚠️ I can’t take messages just now: too many wait already, of all who write to me. Yours comes to me again by itself, at first within minutes.',
    zh: '⚠️ 我现在无法接收消息：所有人的消息加起来，等待的已经太多。你的消息会自动重新送达，最初在几分钟内。',
  },
  tooMany: (count: number, limit: number): Text => ({
    en: `${limit} of your messages wait for an answer already: ${count === 1 ? 'this one was' : `the last ${count} were`} not taken. Send ${count === 1 ? 'it' : 'them'} again when some are answered.`,
    zh: `你已有 ${limit} 条消息在等回答：${count === 1 ? '这条' : `最后 ${count} 条`}没有收下。等一些答完后请再发。`,
  }),
  tooLong: {
    en: 'That message is too long for me. Send it in parts, or as less text.',
    zh: '这条消息太长了。请分成几段，或减少文字再发。',
  },
  expired: (name: string, summary: string): Text => ({
    en: `Node "${name}" did not come back in time, and your message was dropped: "${summary}". Send it again if you still need it.`,
    zh: `节点 "${name}" 没有及时回来，你的消息已丢弃："${summary}"。还需要的话请再发一次。`,
  }),
  stillRunning: (name: string): Text => ({
    en: `⏳ "${name}" is still working on this. The answer comes when it is done.`,
    zh: `⏳ "${name}" 还在处理，完成后会回复你。`,
  }),
  awayAtWork: (name: string): Text => ({
    en: `⏳ "${name}" had this message when it went offline. The answer comes when it is back.`,
    zh: `⏳ "${name}" 收到这条消息后断线了，回来后会回复你。`,
  }),
  failed: (error: string): Text => same(`⚠️ ${error}`),
  noAnswer: { en: '(The answer was empty.)', zh: '（回答是空的。）' },
  fileMissing: (name: string): Text => ({
    en: `"${name}" was sent from your machine, but its bytes are not here: ask for it again.`,
    zh: `"${name}" 已从你的机器发出，但内容没有到这里：请再要一次。`,
  }),
  fileUndeliverable: (name: string, reason: Said): Text => ({
    en: `"${name}" could not be shown here: ${inLanguage(reason, 'en')}`,
    zh: `"${name}" 无法在这里显示：${inLanguage(reason, 'zh')}`,
  }),
  fileGone: {
    en: 'it waited for too long and was removed. Ask for it again.',
    zh: '它等得太久，已被删除。请再要一次。',
  },
  attachmentTooLarge: (name: string): Text => ({
    en: `"${name}" is larger than 30 MB, so your machine did not get it. Send a part of it, or put it there another way.`,
    zh: `"${name}" 超过 30 MB，没有送到你的机器。请只发一部分，或用别的方式放过去。`,
  }),
  tooManyAttachments: (most: number): Text => ({
    en: `That message has more than ${most} files: your machine gets the first ${most}. Send the others in another message.`,
    zh: `这条消息的文件超过 ${most} 个：机器只收到前 ${most} 个。其余的请另发一条。`,
  }),
  attachmentFailed: (name: string, reason: Said): Text => ({
    en: `Your machine did not get "${name}": ${inLanguage(reason, 'en')} Send it again.`,
    zh: `"${name}" 没有送到你的机器：${inLanguage(reason, 'zh')}请再发一次。`,
  }),
  channelOff: { en: 'the chat that it came from is switched off.', zh: '它来自的聊天已关闭。' },
  fetchStalled: { en: 'the chat stopped sending it.', zh: '聊天平台中途停止发送。' },
  fetchBroke: { en: 'the connection to the chat broke again and again.', zh: '与聊天平台的连接一再中断。' },
  attachmentsFull: { en: 'too many files wait here already.', zh: '这里等待的文件太多。' },
  attachmentsWithCommand: {
    en: 'Files that come with a command are left out: send them without one.',
    zh: '跟命令一起发来的文件没有送出：请单独发文件。',
  },
  undeliverable: (reason: Said): Text => ({
    en: `An answer could not be delivered here: ${inLanguage(reason, 'en')}`,
    zh: `有一条回答无法送到这里：${inLanguage(reason, 'zh')}`,
  }),
  questionUndeliverable: (reason: Said): Text => ({
    en: `A question could not be shown here: ${inLanguage(reason, 'en')} /status lists it, and /answer answers it.`,
    zh: `有一个问题无法在这里显示：${inLanguage(reason, 'zh')} 用 /status 查看，用 /answer 回答。`,
  }),
} as const;

function same(text: string): Text {
  return bilingual(() => text);
}
