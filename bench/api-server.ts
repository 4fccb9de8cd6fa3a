/** `node bench/api-server.ts NODES PODS EVENTS`: the tests' API server over a seeded cluster; says where it listens on standard error. */
import { startApiServer } from '../bridge/test/kubernetes/api-server.ts';
import { seededCluster } from '../bridge/test/kubernetes/seeds.ts';

const [nodes = 100, pods = 2000, events = 500] = process.argv.slice(2).map(Number);
const server = await startApiServer(seededCluster({ nodes, pods, events, metrics: true }), { metrics: true });
process.stderr.write(`listening on ${server.url}\n`);
