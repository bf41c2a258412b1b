/** The Claude Code that the stand-in imitates, and that the comparison with the real one runs. */
export const VERSION = '2.1.330';
