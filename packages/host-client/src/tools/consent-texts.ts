/** What users read when they are asked about a tool, and what the model is told of their answers. */
export const consentTexts = {
  // The question.
  runs: (nodeId: string) => `The assistant asks to run a command on **${nodeId}**:`,
  runsInBackground: (nodeId: string) =>
    `The assistant asks to run a command in the background on **${nodeId}**, without a time limit:`,
  uses: (tool: string, nodeId: string) => `The assistant asks to use ${tool} on **${nodeId}**:`,
  folder: (folder: string) => `Folder: ${folder}`,
  outside: 'The folder is outside the working folder.',
  because: (reason: string) => `Why you are asked: it ${reason}`,
  unreadableShell: 'runs in a shell that cannot be checked',
  tainted: (source: string | undefined) =>
    `⚠️ The assistant has read ${source ?? "a stranger's text"} before this: make sure that you want it, not the text.`,
  always: (calls: readonly string[], place: string) =>
    `"Always allow" allows, from now on: ${calls.join(', ')} in ${place} and below.`,
  workingFolder: 'the working folder',
  runTitle: (command: string) => `May it run: ${command}`,
  useTitle: (tool: string) => `May it use ${tool}?`,

  // For the model.
  denied:
    'The user said no to this, and nothing was done. Do not try it in another way: go on without it, or ask what to do instead.',
  deniedBecause: (words: string) => `The user said no to this, nothing was done, and wrote: ${words}`,
  expired:
    'The user did not answer in time, and nothing was done. Do not try it again by yourself: say so in your answer.',
  tooLong: 'This is too long to be shown to the user, who has to allow it, so nothing was done: make it shorter.',
  moved: (folder: string) =>
    `The folder ${folder} was moved or replaced while the user was asked, so nothing was run. Ask the user before you try again.`,
} as const;
