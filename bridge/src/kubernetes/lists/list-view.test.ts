import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SEVERITY } from '../health/judge.ts';
import { arrangeList, listTables, rowsToExplain, summarize } from './list-view.ts';
import type { ListedRow, Listing } from './listed-row.ts';

function row(name: string, state = 'Running', rest: Partial<ListedRow> = {}): ListedRow {
  const severity = state === 'Running' ? 0 : state === 'Pending' ? SEVERITY.failing : SEVERITY.broken;
  return {
    namespace: 'shop',
    name,
    cells: ['1/1', state, '3d4h'],
    health: { state, severity, why: severity === 0 ? '' : 'because', since: null },
    owner: name.replace(/-[^-]*$/, '-*'),
    ...rest,
  };
}

function listing(rows: readonly ListedRow[], columns = ['Ready', 'Status', 'Age']): Listing {
  return { columns, rows, judged: true, named: true, notes: [] };
}

const many = (count: number, state = 'Running', stem = 'web') =>
  Array.from({ length: count }, (_, index) => row(`${stem}-${String(index).padStart(5, '0')}`, state));

describe('what of a list is shown', () => {
  it('is all of a short one, worst first', () => {
    const arranged = arrangeList(listing([row('a-1'), row('b-1', 'Pending'), row('c-1', 'CrashLoopBackOff')]), 50);
    expect(listTables(arranged)).toEqual([
      {
        columns: ['name', 'status', 'why'],
        common: { namespace: 'shop', ready: '1/1', age: '3d' },
        rows: [
          ['c-1', 'CrashLoopBackOff', 'because'],
          ['b-1', 'Pending', 'because'],
          ['a-1', 'Running'],
        ],
        limit: 50,
        opening: 3,
        order: 'worst first',
      },
    ]);
  });

  it('is what is unhealthy of a long one, with the rest behind it for a cursor', () => {
    const [table] = listTables(arrangeList(listing([...many(300), ...many(31, 'Pending', 'db')]), 50));
    expect(table).toMatchObject({ opening: 31, limit: 50, order: 'worst first' });
    expect(table?.rows).toHaveLength(331);
    expect(table?.rows.slice(0, 31).every(([name]) => String(name).startsWith('db-'))).toBe(true);
  });

  it('is the start of a long one in which nothing is wrong', () => {
    const [table] = listTables(arrangeList(listing(many(300)), 50));
    expect(table).toMatchObject({ opening: 50, order: 'by name' });
  });

  it('is every kind of trouble with its count where there is too much of it to name', () => {
    const rows = [...many(900), ...many(70, 'CrashLoopBackOff', 'ledger'), ...many(20, 'Pending', 'cart')];
    const arranged = arrangeList(listing(rows), 50);
    const [groups, each] = listTables(arranged);
    expect(groups).toMatchObject({
      name: 'all 90 unhealthy by owner and state',
      columns: ['count', 'namespace', 'state', 'example', 'why'],
      rows: [
        [70, 'shop', 'CrashLoopBackOff', 'ledger-00000', 'because'],
        [20, 'shop', 'Pending', 'cart-00000', 'because'],
      ],
    });
    expect(each?.rows.slice(0, 3).map(([name]) => name)).toEqual(['ledger-00001', 'cart-00001', 'ledger-00002']);
    expect(each?.rows).toHaveLength(988);
    expect(rowsToExplain(arranged)).toHaveLength(12);
  });

  it('counts owners where even the groups are too many', () => {
    const rows = Array.from({ length: 60 }, (_, index) => many(2, 'CrashLoopBackOff', `app${index}`)).flat();
    const [groups] = listTables(arrangeList(listing(rows), 50));
    expect(groups).toMatchObject({
      name: 'all 120 unhealthy by namespace and state',
      rows: [[120, 60, 'shop', 'CrashLoopBackOff', 'app0-00000', 'because']],
    });
  });

  it('names owners where they are known', () => {
    const rows = many(60, 'CrashLoopBackOff', 'ledger').map((each) => ({ ...each, owner: 'Deployment/ledger' }));
    const [groups] = listTables(arrangeList(listing(rows), 50));
    expect(groups?.columns).toContain('owner');
    expect(groups?.rows[0]).toContain('Deployment/ledger');
  });
});

describe('rows', () => {
  it('lose columns without any value, and say what all share once, also of rows that are not shown', () => {
    const rows = [
      row('a', 'Running', { cells: ['<none>', 'x', '3d4h'] }),
      row('b', 'Running', { cells: ['', 'x', '2h'] }),
    ];
    const [table] = listTables(arrangeList(listing(rows, ['Nominated Node', 'Class', 'Age']), 50));
    expect(table).toMatchObject({
      columns: ['name', 'age'],
      common: { namespace: 'shop', class: 'x' },
      rows: [
        ['a', '3d'],
        ['b', '2h'],
      ],
    });
  });

  it('hide credentials before a long cell is cut', () => {
    const cells = [`${'x '.repeat(70)}password=hunter2-must-not-leak`];
    const [table] = listTables(arrangeList(listing([row('a', 'Running', { cells })], ['Message']), 50));
    expect(JSON.stringify(table)).not.toContain('hunter2');
  });
});

describe('the summary', () => {
  it('counts every state of the whole list', () => {
    const rows = [...many(1969), ...many(21, 'CrashLoopBackOff', 'a'), ...many(10, 'Pending', 'b')];
    expect(summarize(listing(rows))).toBe('2,000, 31 unhealthy: 1,969 Running, 21 CrashLoopBackOff, 10 Pending');
  });

  it('says in how many namespaces, and that nothing is wrong', () => {
    const rows = [row('a'), row('b', 'Running', { namespace: 'payments' })];
    expect(summarize(listing(rows))).toBe('2 in 2 namespaces, none unhealthy: 2 Running');
  });

  it('counts columns that roll up, such as versions', () => {
    const nodes = [row('a', 'Running', { cells: ['v1.36.2'] }), row('b', 'Running', { cells: ['v1.35.4'] })];
    expect(summarize(listing([...nodes, row('c', 'Running', { cells: ['v1.36.2'] })], ['Version']), ['Version'])).toBe(
      '3, none unhealthy: 3 Running; version: 2 v1.36.2, 1 v1.35.4',
    );
  });

  it('does not lose what it does not name', () => {
    const rows = Array.from({ length: 15 }, (_, index) => row(`a-${index}`, `State${index}`));
    expect(summarize(listing(rows))).toContain('3 in 3 other states');
  });
});

const anyRow = fc
  .record({
    namespace: fc.constantFrom('a', 'b', 'c'),
    stem: fc.constantFrom('web', 'db', 'cron'),
    number: fc.nat(500),
    state: fc.constantFrom('Running', 'Pending', 'CrashLoopBackOff', 'Evicted'),
    since: fc.option(fc.nat(5), { nil: null }),
  })
  .map(({ namespace, stem, number, state, since }) => {
    const made = row(`${stem}-${number}`, state, { namespace });
    return { ...made, health: { ...made.health, since } };
  });
const anyRows = fc.uniqueArray(anyRow, { selector: ({ namespace, name }) => `${namespace}/${name}`, maxLength: 120 });

it('has each row once and in one order, however the server sent them', () => {
  fc.assert(
    fc.property(anyRows, fc.integer({ min: 1, max: 60 }), fc.nat(), (rows, limit, turn) => {
      const turned = [...rows.slice(turn % (rows.length + 1)), ...rows.slice(0, turn % (rows.length + 1))];
      const tables = listTables(arrangeList(listing(rows), limit));
      expect(listTables(arrangeList(listing(turned), limit))).toEqual(tables);
      expect(tables.reduce((sum, table) => sum + table.rows.length, 0)).toBe(rows.length);
    }),
  );
});

it('has every unhealthy row in some group', () => {
  fc.assert(
    fc.property(anyRows, (rows) => {
      const tables = listTables(arrangeList(listing(rows), 5));
      const unhealthy = rows.filter(({ health }) => health.severity > 0).length;
      const isGrouped = tables[0]?.columns[0] === 'count';
      if (!isGrouped) expect(unhealthy <= 5 || rows.length <= 5).toBe(true);
      else expect(tables[0]?.rows.reduce((sum, [count]) => sum + Number(count), 0)).toBe(unhealthy);
    }),
  );
});
