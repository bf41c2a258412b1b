import { newId } from '@phonework/shared/id';
import type { Register, Status } from '@phonework/shared/protocol';
import { MAX_SESSIONS, PROTOCOL_VERSION } from '@phonework/shared/protocol';
import type { Store } from '@phonework/shared/store';
import type { HostConfig } from '../config.ts';
import type { SessionManager } from '../sessions/session-manager.ts';

/** What the node says of itself when it connects. */
export function toRegister(
  config: HostConfig,
  { version, instance }: { readonly version: string; readonly instance: string },
): Register {
  return {
    type: 'register',
    node_id: config.nodeId,
    display_name: config.displayName,
    serves_users: [...config.servesUsers],
    working_dir: config.workingDir,
    capabilities: ['claude_code', 'shell', 'file_ops', ...(config.web === undefined ? [] : ['web']), 'scheduler'],
    protocol: PROTOCOL_VERSION,
    version,
    instance_id: instance,
  };
}

/** What the node is doing; of very many sessions, those that were used last. */
export function toStatus(manager: SessionManager, tasks: number): Status {
  const told = manager.all().slice(0, MAX_SESSIONS);
  const sessions = told.map((session) => {
    const { id, name } = session;
    return { id, name, state: manager.state(session) };
  });
  return { type: 'status', sessions, tasks };
}

/** Tells this installation from another one with the same NODE_ID: made once, and kept with its data. */
export function instanceId(store: Store): string {
  const stored = store.prepare("SELECT value FROM settings WHERE name = 'instance_id'").get();
  if (stored !== undefined) return String(stored.value);
  const made = newId();
  store.writeLater(() => {
    store.prepare("INSERT INTO settings (name, value) VALUES ('instance_id', ?)").run(made);
  });
  store.flush();
  return made;
}
