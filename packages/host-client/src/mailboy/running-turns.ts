/** Why a running turn was ended before its answer. */
type AbortReason = 'user' | 'shutdown';

type Running = {
  readonly turnId: string;
  readonly userId: string;
  readonly startedAt: number;
  readonly controller: AbortController;
  /** False where the transaction in which it was begun was undone. */
  isStored: () => boolean;
  reason?: AbortReason;
  isForgotten?: true;
};

export type RunningTurn = { readonly signal: AbortSignal; abortedBy(): AbortReason | undefined };

/** The turns that run now, at most one a user, and the way to end them. */
export class RunningTurns {
  readonly #turns = new Map<string, Running>();

  /** Beginning a turn that runs already is fine, and gives the same one. */
  begin(userId: string, turnId: string): RunningTurn {
    const running = this.#turns.get(userId);
    const turn: Running = running?.turnId === turnId ? running : newTurn(userId, turnId);
    turn.isStored = () => true;
    this.#turns.set(userId, turn);
    return { signal: turn.controller.signal, abortedBy: () => turn.reason };
  }

  /**
   * Begins a turn that `begin` takes over later. For use inside `store.write`, so that what follows in the same commit
   * finds it. An undone transaction runs again from its beginning: then what comes before it there must not find it, and
   * `isStored` tells.
   */
  beginInCommit(userId: string, turnId: string, isStored: () => boolean): void {
    this.#turns.set(userId, { ...newTurn(userId, turnId), isStored });
  }

  /** Ending a turn that does not run is fine. */
  end(turnId: string): void {
    for (const turn of this.#turns.values()) if (turn.turnId === turnId) this.#turns.delete(turn.userId);
  }

  isRunning(userId: string): boolean {
    return this.#find(userId) !== undefined;
  }

  /** For how long the user's turn has been running. */
  elapsedMs(userId: string): number | undefined {
    const turn = this.#find(userId);
    return turn === undefined ? undefined : performance.now() - turn.startedAt;
  }

  /** Ends the user's turn. False when none runs. */
  stop(userId: string): boolean {
    const turn = this.#find(userId);
    if (turn !== undefined) abort(turn, 'user');
    return turn !== undefined;
  }

  /** The user's turn goes on, but is not to be remembered: it is of a conversation that was cleared. */
  forget(userId: string): void {
    const turn = this.#find(userId);
    if (turn !== undefined) turn.isForgotten = true;
  }

  isForgotten(turnId: string): boolean {
    return [...this.#turns.values()].some((turn) => turn.turnId === turnId && turn.isForgotten === true);
  }

  /** Ends one turn, if it runs. */
  stopTurn(turnId: string): void {
    for (const turn of this.#turns.values()) if (turn.turnId === turnId) abort(turn, 'user');
  }

  abortAll(): void {
    for (const turn of this.#turns.values()) abort(turn, 'shutdown');
  }

  #find(userId: string): Running | undefined {
    const turn = this.#turns.get(userId);
    return turn?.isStored() === true ? turn : undefined;
  }
}

function newTurn(userId: string, turnId: string): Running {
  return { turnId, userId, startedAt: performance.now(), controller: new AbortController(), isStored: () => true };
}

function abort(turn: Running, reason: AbortReason): void {
  turn.reason ??= reason;
  turn.controller.abort();
}
