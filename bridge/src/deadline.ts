interface Deadline {
  /** The longest the work may take, milliseconds. */
  ms: number;
  /** Whoever waits for it; the work ends when it aborts. */
  signal: AbortSignal;
  /** The error for work that was ended, by the clock or because nobody waits any more. */
  late(by: 'clock' | 'caller'): Error;
}

/**
 * Runs work that ends in time, whether it heeds its signal or not. The signal it is given aborts with the error that the
 * caller gets. Nothing is left behind when it is done: `AbortSignal.timeout` would keep a timer and all it refers to until
 * the time is up, which at a thousand calls a second is all the memory there is.
 */
export async function withDeadline<T>(deadline: Deadline, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const { promise: ended, reject } = Promise.withResolvers<never>();
  const end = (by: 'clock' | 'caller') => {
    const error = deadline.late(by);
    controller.abort(error);
    reject(error);
  };
  const onAbort = () => end('caller');
  const timer = setTimeout(end, deadline.ms, 'clock');
  if (deadline.signal.aborted) onAbort();
  deadline.signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([work(controller.signal), ended]);
  } finally {
    clearTimeout(timer);
    deadline.signal.removeEventListener('abort', onAbort);
  }
}
