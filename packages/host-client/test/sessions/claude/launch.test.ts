import { expect, test } from 'vitest';
import { claudeArguments, claudeEnvironment } from '../../../src/sessions/claude/launch.ts';

const conversationId = '38fcb979-f78c-4917-b0bc-4343cb2a5c94';
const launch = { conversationId, resumes: false, continuesCutTurn: false, mode: 'default' } as const;

test('Claude Code speaks JSON lines both ways, and asks us before it uses a tool', () => {
  expect(claudeArguments(launch)).toEqual([
    '-p',
    '--input-format',
    'stream-json',
    '--output-format',
    'stream-json',
    '--verbose',
    '--include-partial-messages',
    '--permission-prompt-tool',
    'stdio',
    '--session-id',
    conversationId,
    '--permission-mode',
    'default',
  ]);
});

test('a conversation that it knows is resumed, in the mode and with the model of now', () => {
  const args = claudeArguments({ ...launch, resumes: true, mode: 'plan', model: 'opus' });
  expect(args.slice(-6)).toEqual(['--resume', conversationId, '--permission-mode', 'plan', '--model', 'opus']);
  expect(args).not.toContain('--session-id');
});

test('it gets what it reads itself, and no secret of ours nor a mark of another Claude', () => {
  const environment = claudeEnvironment(
    {
      PATH: '/usr/bin',
      HOME: '/home/ada',
      ANTHROPIC_API_KEY: 'sk-ant-1',
      ANTHROPIC_BASE_URL: 'https://gateway.example',
      CLAUDE_CONFIG_DIR: '/home/ada/.config/claude',
      HTTPS_PROXY: 'http://proxy.example',
      no_proxy: 'localhost',
      NODE_EXTRA_CA_CERTS: '/etc/ca.pem',
      DISABLE_AUTOUPDATER: '1',
      IS_SANDBOX: '1',
      CLAUDECODE: '1',
      CLAUDE_CODE_ENTRYPOINT: 'cli',
      CLAUDE_CODE_SSE_PORT: '4711',
      CLAUDE_COMMAND: 'claude',
      OPENAI_API_KEY: 'sk-openai',
      ROUTER_SECRET: 'secret',
      NODE_OPTIONS: '--inspect',
      MY_HTTPS_PROXY: 'x',
    },
    launch,
  );
  expect(environment).toEqual({
    PATH: '/usr/bin',
    HOME: '/home/ada',
    TERM: 'dumb',
    ANTHROPIC_API_KEY: 'sk-ant-1',
    ANTHROPIC_BASE_URL: 'https://gateway.example',
    CLAUDE_CONFIG_DIR: '/home/ada/.config/claude',
    HTTPS_PROXY: 'http://proxy.example',
    no_proxy: 'localhost',
    NODE_EXTRA_CA_CERTS: '/etc/ca.pem',
    DISABLE_AUTOUPDATER: '1',
    IS_SANDBOX: '1',
    CLAUDE_CODE_ENTRYPOINT: 'phonework',
    CLAUDE_CODE_EMIT_SESSION_STATE_EVENTS: '1',
    CLAUDE_CODE_STARTUP_FAILURE_RESULTS: '1',
  });
});

test('a turn that was cut is run again only where that was asked for', () => {
  const name = 'CLAUDE_CODE_RESUME_INTERRUPTED_TURN';
  const inherited = { [name]: '1' };
  expect(claudeEnvironment(inherited, { resumes: true, continuesCutTurn: false })).not.toHaveProperty(name);
  expect(claudeEnvironment({}, { resumes: true, continuesCutTurn: true })).toHaveProperty(name, '1');
  expect(claudeEnvironment({}, { resumes: false, continuesCutTurn: true })).not.toHaveProperty(name);
});
