/**
 * How long something took, as people read it.
 *
 * @param {number} ms
 * @returns {string} `42s`, `3m 12s`, `47m`, `3h`
 */
export function durationText(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const minutes = Math.floor(seconds / 60);
  if (minutes === 0) return `${seconds}s`;
  // Seconds matter in a wait of minutes and are noise beyond.
  if (minutes < 10 && seconds % 60 !== 0) return `${minutes}m ${seconds % 60}s`;
  return minutes < 60 ? `${minutes}m` : `${Math.floor(minutes / 60)}h`;
}
