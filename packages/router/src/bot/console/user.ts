/** The one user of the console, and the one chat. */
export const CONSOLE_USER_ID = 'console';
export const CONSOLE_CHAT_ID = 'console';
