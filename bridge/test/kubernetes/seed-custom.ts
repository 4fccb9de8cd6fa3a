import type { Cluster } from './cluster.ts';
import { CERTIFICATES, certificate, VERTICAL_AUTOSCALERS, verticalAutoscaler } from './custom-objects.ts';

/** Certificates of cert-manager and vertical autoscalers. */
export function seedCustomResources(cluster: Cluster): void {
  cluster.add(CERTIFICATES, VERTICAL_AUTOSCALERS);
  for (const [index, name] of [
    'shop',
    'checkout',
    'search',
    'admin',
    'cart',
    'mailer',
    'uploads',
    'status',
    'docs',
    'blog',
  ].entries()) {
    cluster.add(
      certificate({
        name,
        namespace: 'shop',
        host: `${name}.example.com`,
        expiresIn: `${30 + index * 4}d`,
        age: '200d',
      }),
    );
  }
  cluster.add(
    certificate({
      name: 'gateway',
      namespace: 'payments',
      host: 'pay.example.com',
      expiresIn: '9h',
      age: '200d',
      problem: {
        reason: 'Failed',
        message: 'The certificate request has failed to complete and will be retried: rate limited',
        since: '2d',
      },
    }),
    certificate({
      name: 'preview',
      namespace: 'shop',
      host: 'preview.example.com',
      expiresIn: '0s',
      age: '35m',
      problem: { reason: 'DoesNotExist', message: 'Issuing certificate as Secret does not exist', since: '35m' },
    }),
    verticalAutoscaler({
      name: 'fraud',
      namespace: 'payments',
      deployment: 'fraud',
      target: { cpu: '420m', memory: '1800Mi' },
    }),
    verticalAutoscaler({
      name: 'ledger',
      namespace: 'payments',
      deployment: 'ledger',
      target: { cpu: '180m', memory: '640Mi' },
    }),
    verticalAutoscaler({ name: 'gone', namespace: 'shop', deployment: 'gone' }),
  );
}
