import type { ServerResponse } from 'node:http';
import type { Change, Cluster, Stored } from './cluster.ts';
import { type Question, scopeOf, selectorOf } from './lists.ts';
import { apiVersionOf, metadataText, objectText } from './object-text.ts';

/**
 * Streams changes as lines of JSON until the client goes or `timeoutSeconds` are over: first what is there (as ADDED) unless a
 * revision was given, with `sendInitialEvents` ended by a bookmark; a revision that is forgotten gets ERROR 410.
 */
export function sendWatch(cluster: Cluster, question: Question, response: ServerResponse): void {
  const { resource, namespace, query } = question;
  const selected = selectorOf(query, resource);
  const selects = typeof selected === 'function' ? selected : () => true;
  const prefix = namespace === '' ? '' : `${namespace}/`;
  const since = Number(query.get('resourceVersion') ?? '0');
  const line = (type: string, object: string) => response.write(`{"type":"${type}","object":${object}}\n`);
  const text = (stored: Stored) =>
    question.shape === 'metadata' ? metadataText(stored) : objectText(resource, stored);
  const bookmark = (annotations: string) =>
    line(
      'BOOKMARK',
      `{"kind":"${resource.kind}","apiVersion":"${apiVersionOf(resource)}","metadata":{"resourceVersion":"${cluster.revision}"${annotations}}}`,
    );
  const pass = ({ type, storage, stored }: Change) => {
    if (storage !== resource.storage || !stored.key.startsWith(prefix) || !selects(stored.body)) return;
    line(type, text(stored));
  };

  response.writeHead(200, { 'content-type': 'application/json' });
  response.flushHeaders();
  if (since > 0 && since < cluster.compacted) {
    const message = `too old resource version: ${since} (${cluster.compacted})`;
    line(
      'ERROR',
      JSON.stringify({
        kind: 'Status',
        apiVersion: 'v1',
        metadata: {},
        status: 'Failure',
        message,
        reason: 'Expired',
        code: 410,
      }),
    );
    response.end();
    return;
  }
  if (since > 0) for (const change of cluster.changesSince(since)) pass(change);
  else
    for (const stored of scopeOf(cluster.all(resource), prefix)) if (selects(stored.body)) line('ADDED', text(stored));
  if (query.get('sendInitialEvents') === 'true') bookmark(',"annotations":{"k8s.io/initial-events-end":"true"}');

  const stop = cluster.onChange(pass);
  const timeout = Number(query.get('timeoutSeconds') ?? '0');
  const timer = setTimeout(
    () => {
      if (query.get('allowWatchBookmarks') === 'true') bookmark('');
      response.end();
    },
    (timeout || 3600) * 1000,
  );
  response.on('close', () => {
    clearTimeout(timer);
    stop();
  });
}
