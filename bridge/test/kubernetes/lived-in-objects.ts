import type { JsonObject } from '../../src/kubernetes/json.ts';

const DIGEST = '9c1d5f0f6f2f4f9b1e9d0c7a3b2e1f00aa55cc77dd99ee11ff22003344556677';
const API_ACCESS = 'kube-api-access-7xk2p';
const MOUNT = { name: API_ACCESS, readOnly: true, mountPath: '/var/run/secrets/kubernetes.io/serviceaccount' };

/** A pod with all that the API server, a Deployment and the kubelet write into one; its `api` container crashes. */
export const livedInPod: JsonObject = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name: 'ledger-7d9f8b6c5d-x2x7z',
    generateName: 'ledger-7d9f8b6c5d-',
    namespace: 'payments',
    uid: '55908e6b-0971-40d2-a417-8eb447fbc901',
    resourceVersion: '1179332',
    generation: 1,
    creationTimestamp: '2026-11-19T08:26:54Z',
    labels: {
      'app.kubernetes.io/name': 'ledger',
      'app.kubernetes.io/instance': 'ledger',
      'app.kubernetes.io/version': '2.14.3',
      'pod-template-hash': '7d9f8b6c5d',
    },
    annotations: {
      'checksum/config': '1f0c8a9d1f0c8a9d1f0c8a9d1f0c8a9d1f0c8a9d1f0c8a9d1f0c8a9d1f0c8a9d',
      'prometheus.io/scrape': 'true',
    },
    ownerReferences: [
      {
        apiVersion: 'apps/v1',
        kind: 'ReplicaSet',
        name: 'ledger-7d9f8b6c5d',
        uid: '1c2a51a5-35a1-4b7c-9b8c-1f6a3c3d2e1f',
        controller: true,
        blockOwnerDeletion: true,
      },
    ],
  },
  spec: {
    volumes: [
      { name: 'config', configMap: { name: 'ledger-config', defaultMode: 420 } },
      { name: 'tls', secret: { secretName: 'ledger-tls', defaultMode: 420 } },
      { name: 'cache', emptyDir: {} },
      {
        name: API_ACCESS,
        projected: {
          sources: [
            { serviceAccountToken: { expirationSeconds: 3607, path: 'token' } },
            { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
            {
              downwardAPI: {
                items: [{ path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } }],
              },
            },
          ],
          defaultMode: 420,
        },
      },
    ],
    containers: [
      {
        name: 'api',
        image: 'registry.example/payments/ledger:2.14.3',
        args: ['--listen=:8080', '--db-password=hunter2-in-args', '--token', 'tok-in-args-99'],
        ports: [{ name: 'http', containerPort: 8080, protocol: 'TCP' }],
        env: [
          { name: 'LOG_LEVEL', value: 'info' },
          { name: 'DB_PASSWORD', value: 'correct-horse' },
          { name: 'DATABASE_URL', value: 'postgres://ledger:s3cr3t-in-url@db.payments:5432/ledger' },
          { name: 'TOKEN_PATH', value: '/var/run/token' },
          { name: 'API_KEY', valueFrom: { secretKeyRef: { name: 'ledger-api', key: 'api-key' } } },
        ],
        resources: { limits: { memory: '512Mi' }, requests: { cpu: '250m', memory: '256Mi' } },
        volumeMounts: [
          { name: 'config', mountPath: '/etc/ledger' },
          { name: 'tls', readOnly: true, mountPath: '/tls' },
          { name: 'cache', mountPath: '/cache' },
          MOUNT,
        ],
        livenessProbe: {
          httpGet: { path: '/healthz', port: 'http', scheme: 'HTTP' },
          initialDelaySeconds: 5,
          timeoutSeconds: 1,
          periodSeconds: 10,
          successThreshold: 1,
          failureThreshold: 3,
        },
        terminationMessagePath: '/dev/termination-log',
        terminationMessagePolicy: 'File',
        imagePullPolicy: 'IfNotPresent',
        securityContext: { runAsNonRoot: true, allowPrivilegeEscalation: false },
      },
    ],
    restartPolicy: 'Always',
    terminationGracePeriodSeconds: 30,
    dnsPolicy: 'ClusterFirst',
    serviceAccountName: 'ledger',
    serviceAccount: 'ledger',
    nodeName: 'node-0011',
    securityContext: {},
    imagePullSecrets: [{ name: 'registry-credentials' }],
    schedulerName: 'default-scheduler',
    tolerations: ['not-ready', 'unreachable'].map((key) => ({
      key: `node.kubernetes.io/${key}`,
      operator: 'Exists',
      effect: 'NoExecute',
      tolerationSeconds: 300,
    })),
    priority: 0,
    enableServiceLinks: true,
    preemptionPolicy: 'PreemptLowerPriority',
  },
  status: {
    phase: 'Running',
    conditions: [
      ['PodReadyToStartContainers', 'True'],
      ['Initialized', 'True'],
      ['Ready', 'False', 'ContainersNotReady', 'containers with unready status: [api]'],
      ['ContainersReady', 'False', 'ContainersNotReady', 'containers with unready status: [api]'],
      ['PodScheduled', 'True'],
    ].map(([type, status, reason, message]) => ({
      type: type ?? '',
      observedGeneration: 1,
      status: status ?? '',
      lastProbeTime: null,
      lastTransitionTime: '2026-11-19T08:26:57Z',
      ...(reason === undefined ? {} : { reason, message: message ?? '' }),
    })),
    hostIP: '10.0.0.11',
    hostIPs: [{ ip: '10.0.0.11' }],
    podIP: '10.42.11.23',
    podIPs: [{ ip: '10.42.11.23' }],
    startTime: '2026-11-19T08:26:54Z',
    containerStatuses: [
      {
        name: 'api',
        state: {
          waiting: {
            reason: 'CrashLoopBackOff',
            message: 'back-off 5m0s restarting failed container=api pod=ledger-7d9f8b6c5d-x2x7z',
          },
        },
        lastState: {
          terminated: {
            exitCode: 1,
            reason: 'Error',
            startedAt: '2026-11-22T12:20:11Z',
            finishedAt: '2026-11-22T12:20:13Z',
            containerID: `containerd://${DIGEST}`,
          },
        },
        ready: false,
        restartCount: 42,
        image: 'registry.example/payments/ledger:2.14.3',
        imageID: `registry.example/payments/ledger@sha256:${DIGEST}`,
        containerID: `containerd://${DIGEST}`,
        started: false,
        allocatedResources: { cpu: '250m', memory: '256Mi' },
        resources: { limits: { memory: '512Mi' }, requests: { cpu: '250m', memory: '256Mi' } },
        volumeMounts: [
          { name: 'config', mountPath: '/etc/ledger' },
          { ...MOUNT, recursiveReadOnly: 'Disabled' },
        ],
        user: { linux: { uid: 1000, gid: 1000, supplementalGroups: [1000] } },
      },
    ],
    qosClass: 'Burstable',
  },
};

/** The node of that pod, as a kubelet reports itself, with sixty images on it. */
export const livedInNode: JsonObject = {
  apiVersion: 'v1',
  kind: 'Node',
  metadata: {
    name: 'node-0011',
    uid: 'a3534ce6-53a9-4804-9fff-bf0cb9138060',
    resourceVersion: '2701177',
    creationTimestamp: '2026-08-01T06:12:49Z',
    labels: {
      'kubernetes.io/arch': 'amd64',
      'kubernetes.io/hostname': 'node-0011',
      'kubernetes.io/os': 'linux',
      'topology.kubernetes.io/zone': 'z2',
    },
    annotations: {
      'node.alpha.kubernetes.io/ttl': '0',
      'volumes.kubernetes.io/controller-managed-attach-detach': 'true',
    },
  },
  spec: {
    podCIDR: '10.42.11.0/24',
    podCIDRs: ['10.42.11.0/24'],
    taints: [{ key: 'node.kubernetes.io/disk-pressure', effect: 'NoSchedule', timeAdded: '2026-11-22T11:58:40Z' }],
  },
  status: {
    capacity: { cpu: '16', 'ephemeral-storage': '203056560Ki', memory: '65843124Ki', pods: '110' },
    allocatable: { cpu: '15800m', 'ephemeral-storage': '187137125300', memory: '63643124Ki', pods: '110' },
    conditions: [
      ['MemoryPressure', 'False', 'KubeletHasSufficientMemory', 'kubelet has sufficient memory available'],
      ['DiskPressure', 'True', 'KubeletHasDiskPressure', 'kubelet has disk pressure'],
      ['PIDPressure', 'False', 'KubeletHasSufficientPID', 'kubelet has sufficient PID available'],
      ['Ready', 'True', 'KubeletReady', 'kubelet is posting ready status'],
    ].map(([type, status, reason, message]) => ({
      type: type ?? '',
      status: status ?? '',
      lastHeartbeatTime: '2026-11-22T12:26:49Z',
      lastTransitionTime: '2026-11-22T11:58:39Z',
      reason: reason ?? '',
      message: message ?? '',
    })),
    addresses: [
      { type: 'InternalIP', address: '10.0.0.11' },
      { type: 'Hostname', address: 'node-0011' },
    ],
    daemonEndpoints: { kubeletEndpoint: { Port: 10250 } },
    nodeInfo: {
      machineID: 'ec2d175c1ab04ef0a7d7b3d0f3b1c2d4',
      systemUUID: 'ec2d175c-1ab0-4ef0-a7d7-b3d0f3b1c2d4',
      bootID: '0d6f5f0e-14f1-4b87-9e0e-7a2a6f1c9b11',
      kernelVersion: '6.8.0-45-generic',
      osImage: 'Ubuntu 24.04.1 LTS',
      containerRuntimeVersion: 'containerd://1.7.22',
      kubeletVersion: 'v1.36.2',
      kubeProxyVersion: '',
      operatingSystem: 'linux',
      architecture: 'amd64',
    },
    images: Array.from({ length: 60 }, (_, index) => ({
      names: [`registry.example/team/app-${index}@sha256:${DIGEST}`, `registry.example/team/app-${index}:1.${index}`],
      sizeBytes: 100_000_000 + index,
    })),
  },
};
