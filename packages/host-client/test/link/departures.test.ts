import { waitFor } from '@phonework/testkit/wait';
import { expect, test } from 'vitest';
import { Departures } from '../../src/link/departures.ts';

test('parcels go out in order, and not in the turn that brought them', async () => {
  const sent: number[] = [];
  const departures = new Departures<number>((parcel) => sent.push(parcel));
  for (let parcel = 0; parcel < 1000; parcel += 1) departures.add(parcel);
  await Promise.resolve();
  expect(sent).toEqual([]);
  await waitFor(() => sent.length === 1000);
  expect(sent).toEqual(Array.from({ length: 1000 }, (_, parcel) => parcel));
});

test('while large parcels go out others have their turn', async () => {
  let sent = 0;
  const departures = new Departures<number>((ms) => {
    const until = performance.now() + ms;
    while (performance.now() < until);
    sent += 1;
  });
  for (let parcel = 0; parcel < 5; parcel += 1) departures.add(10);
  const seen: number[] = [];
  while (sent < 5) {
    await new Promise(setImmediate);
    seen.push(sent);
  }
  expect(seen).toEqual([1, 2, 3, 4, 5]);
});

test('what was cleared does not go out, and what comes later does', async () => {
  const sent: string[] = [];
  const departures = new Departures<string>((parcel) => sent.push(parcel));
  departures.add('of the lost link');
  departures.clear();
  departures.add('of the next link');
  await waitFor(() => sent.length > 0);
  expect(sent).toEqual(['of the next link']);
});
