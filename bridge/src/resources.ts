import type { Logger } from 'pino';
import type { ToolRuntime } from './call-tool.ts';
import type { ResourceKind } from './resource.ts';
import { createDashboards } from './resources/dashboards.ts';
import { createSavedQueries } from './resources/saved-queries.ts';
import { shippedFiles } from './resources/shipped-files.ts';
import type { Tool } from './tool.ts';

interface ResourcesOptions {
  tools: readonly Tool[];
  runtime: ToolRuntime;
  /** Directory with the operator's saved queries; null for none. */
  dashboardsDirectory: string | null;
  log: Pick<Logger, 'warn' | 'info'>;
}

/** Every kind of resource there is, in the order clients list them. */
export function createResources({ tools, runtime, dashboardsDirectory, log }: ResourcesOptions): ResourceKind[] {
  const queries = createSavedQueries({
    shipped: shippedFiles(),
    directory: dashboardsDirectory,
    onChange: ({ problems, replaced }) => {
      if (problems.length > 0) log.warn({ problems }, 'saved queries that cannot be served');
      if (replaced.length > 0) log.info({ replaced }, 'shipped queries that others of the same name replace');
    },
  });
  return [createDashboards({ queries, tools, runtime })];
}
