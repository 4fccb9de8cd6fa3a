import { FactError } from './fact-error.ts';

/** Lets calls through that may hang in the kernel, few at a time, and never one that hangs already. */
export interface HangGate {
  /**
   * Runs `work`, which must settle only once the call behind it has returned.
   * @throws {FactError} `timeout` when it takes longer than the deadline, and at once while an earlier call of this `key` still
   * hangs; `too_many` while every slot hangs
   */
  run<T>(key: string, work: () => Promise<T>): Promise<T>;
}

/**
 * A gate with `slots` places. A call that hangs keeps its place, and with it a thread of libuv's pool, until the kernel lets it
 * go; so no more than `slots` threads can ever be lost, whatever is asked for and however often.
 */
export function createHangGate({ slots, deadlineMs }: { slots: number; deadlineMs: number }): HangGate {
  const underWay = new Map<string, Promise<unknown>>();
  const hangingSince = new Map<string, number>();
  const waiting: PromiseWithResolvers<void>[] = [];
  let taken = 0;

  const refusal = () => new FactError('too_many', `not asked: ${slots} others hang, and no more may`);

  async function takeSlot(): Promise<void> {
    if (hangingSince.size >= slots) throw refusal();
    if (taken >= slots) {
      const turn = Promise.withResolvers<void>();
      waiting.push(turn);
      return turn.promise;
    }
    taken += 1;
  }

  /** The next in the queue takes the place over. */
  function leaveSlot(): void {
    const next = waiting.shift();
    if (next === undefined) taken -= 1;
    else next.resolve();
  }

  async function start<T>(key: string, work: () => Promise<T>): Promise<T> {
    await takeSlot();
    const { promise: late, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(() => {
      hangingSince.set(key, performance.now());
      reject(new FactError('timeout', `no answer within ${deadlineMs} ms; not asked again until this call returns`));
      if (hangingSince.size >= slots) for (const turn of waiting.splice(0)) turn.reject(refusal());
    }, deadlineMs);
    const settled = work().finally(() => {
      clearTimeout(timer);
      hangingSince.delete(key);
      leaveSlot();
    });
    return Promise.race([settled, late]);
  }

  return {
    run: async (key, work) => {
      for (let other = underWay.get(key); other !== undefined; other = underWay.get(key))
        await other.catch(() => undefined);
      const since = hangingSince.get(key);
      if (since !== undefined) {
        const seconds = Math.round((performance.now() - since + deadlineMs) / 1000);
        throw new FactError('timeout', `has not answered for ${seconds} s; not asked again until that call returns`);
      }
      const asked = start(key, work).finally(() => underWay.delete(key));
      underWay.set(key, asked);
      return asked;
    },
  };
}
