/** What is said in the pictures. The model of the house has these words; all the rest is the real program's. */
export const story = {
  request: 'Run the tests of todo_app',
  result: '29 tests pass, 2 fail.',
  question: 'Which ones fail, and why?',
  plan: 'Let me run them again and look.',
  runTests: { name: 'run_shell', arguments: { command: 'npm test', cwd: 'todo_app' } },
  sendReport: { name: 'file_ops', arguments: { action: 'send', path: 'todo_app/test-report.md' } },
  answer: `Both fail for **one reason**: an id is given twice.

| Test | Expected | Got |
|---|--:|--:|
| next id after a delete | 4 | 3 |
| ids stay unique | 5 | 4 |

\`nextId\` counts the tasks, so an id comes back once a task was deleted. This fixes it:

\`\`\`ts
const ids = tasks.map(idOf);
return Math.max(0, ...ids) + 1;
\`\`\`

Shall I change it and run the tests again?`,
  assent: 'Yes, then commit and push it',
  commit: { name: 'run_shell', arguments: { command: 'git commit -am "Ids are not used twice"', cwd: 'todo_app' } },
  push: { name: 'run_shell', arguments: { command: 'git push', cwd: 'todo_app' } },
  done: 'All is committed, and nothing was pushed.',
} as const;
