/** When something was, as the clock of this machine shows it: `14:02`, or `03-17 14:02` if that was not today. */
export function clockTime(at: number, now: number): string {
  const then = new Date(at);
  const time = `${twoDigits(then.getHours())}:${twoDigits(then.getMinutes())}`;
  if (then.toDateString() === new Date(now).toDateString()) return time;
  return `${twoDigits(then.getMonth() + 1)}-${twoDigits(then.getDate())} ${time}`;
}

function twoDigits(number: number): string {
  return String(number).padStart(2, '0');
}
