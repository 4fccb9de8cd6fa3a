import { type RunningServer, startExporter } from './exporter.ts';

/** Labels and value of a sample; a value that depends on the scrape, counted from 1, is a function. */
type Sample = readonly [labels: string, value: number | ((scrape: number) => number)];

const GIGABYTE = 1e9;
const DISK = 'device="/dev/sda1",fstype="ext4",mountpoint="/"';
const CART = 'namespace="shop",pod="cart-0"';
const FINE = 'namespace="shop",pod="fine-0"';
const SOON = (days: number) => Date.now() / 1000 + days * 86_400;

/** A cluster in which everything is wrong with one thing, called `cart` or `node-1`, and nothing with those called `fine`. */
const METRICS: Readonly<Record<string, readonly Sample[]>> = {
  container_cpu_usage_seconds_total: [
    [`${CART},container="main",node="node-1"`, (scrape) => scrape * 2],
    [`${CART},container="",node="node-1"`, (scrape) => scrape * 200],
    [`${FINE},container="main",node="fine-1"`, (scrape) => scrape * 0.1],
  ],
  container_memory_working_set_bytes: [
    [`${CART},container="main"`, 0.95 * GIGABYTE],
    [`${FINE},container="main"`, 0.1 * GIGABYTE],
  ],
  container_network_receive_bytes_total: [
    [`${CART},interface="eth0"`, (scrape) => scrape * 1000],
    [`namespace="",pod="",interface="eth0"`, (scrape) => scrape * 9000],
  ],
  container_network_transmit_bytes_total: [[`${CART},interface="eth0"`, (scrape) => scrape * 500]],
  container_cpu_cfs_throttled_periods_total: [
    [`${CART},container="main"`, (scrape) => scrape * 5],
    [`${FINE},container="main"`, 0],
  ],
  container_cpu_cfs_periods_total: [
    [`${CART},container="main"`, (scrape) => scrape * 10],
    [`${FINE},container="main"`, (scrape) => scrape * 10],
  ],
  kube_pod_container_resource_limits: [
    [`${CART},container="main",resource="memory",unit="byte",node="node-1"`, GIGABYTE],
    [`${FINE},container="main",resource="cpu",unit="core",node="node-1"`, 1],
  ],
  kube_pod_container_resource_requests: ['cpu', 'memory'].flatMap((resource): Sample[] => [
    [`${CART},container="main",resource="${resource}",node="node-1"`, 3],
    [`namespace="shop",pod="done-0",container="main",resource="${resource}",node="node-1"`, 100],
  ]),
  kube_node_status_allocatable: ['cpu', 'memory'].map(
    (resource): Sample => [`node="node-1",resource="${resource}"`, 4],
  ),
  kube_pod_status_phase: [
    [`${CART},phase="Running"`, 1],
    [`${CART},phase="Pending"`, 0],
    ['namespace="shop",pod="new-0",phase="Pending"', 1],
    ['namespace="shop",pod="done-0",phase="Succeeded"', 1],
    ['namespace="shop",pod="done-0",phase="Running"', 0],
  ],
  kube_pod_created: [
    [CART, Date.now() / 1000 - 9000],
    ['namespace="shop",pod="new-0"', Date.now() / 1000 - 600],
  ],
  kube_pod_container_status_restarts_total: [
    [`${CART},container="main"`, (scrape) => scrape],
    [`${FINE},container="main"`, 4],
  ],
  kube_pod_container_status_last_terminated_reason: [
    [`${CART},container="main",reason="OOMKilled"`, 1],
    [`${FINE},container="main",reason="OOMKilled"`, 1],
  ],
  kube_pod_container_status_waiting_reason: [
    [`${CART},container="main",reason="CrashLoopBackOff"`, 1],
    [`${FINE},container="main",reason="ContainerCreating"`, 1],
    [`${FINE},container="main",reason="ImagePullBackOff"`, 0],
  ],
  kube_node_status_condition: [
    ['node="node-1",condition="Ready",status="unknown"', 1],
    ['node="node-1",condition="DiskPressure",status="true"', 1],
    ['node="fine-1",condition="Ready",status="true"', 1],
    ['node="fine-1",condition="Ready",status="false"', 0],
    ['node="fine-1",condition="DiskPressure",status="true"', 0],
  ],
  kube_deployment_spec_replicas: [
    ['namespace="shop",deployment="cart"', 3],
    ['namespace="shop",deployment="fine"', 3],
  ],
  kube_deployment_status_replicas_available: [
    ['namespace="shop",deployment="cart"', 1],
    ['namespace="shop",deployment="fine"', 3],
  ],
  kube_statefulset_replicas: [['namespace="shop",statefulset="cart"', 3]],
  kube_statefulset_status_replicas_ready: [['namespace="shop",statefulset="cart"', 0]],
  kube_daemonset_status_desired_number_scheduled: [['namespace="shop",daemonset="cart"', 3]],
  kube_daemonset_status_number_ready: [['namespace="shop",daemonset="cart"', 2]],
  kube_horizontalpodautoscaler_status_current_replicas: [
    ['namespace="shop",horizontalpodautoscaler="cart"', 10],
    ['namespace="shop",horizontalpodautoscaler="fine"', 2],
  ],
  kube_horizontalpodautoscaler_spec_max_replicas: [
    ['namespace="shop",horizontalpodautoscaler="cart"', 10],
    ['namespace="shop",horizontalpodautoscaler="fine"', 10],
  ],
  kube_job_failed: [
    ['namespace="shop",job_name="cart",condition="true"', 1],
    ['namespace="shop",job_name="fine",condition="true"', 0],
  ],
  kubelet_volume_stats_used_bytes: [['namespace="shop",persistentvolumeclaim="cart"', 0.9 * GIGABYTE]],
  kubelet_volume_stats_capacity_bytes: [['namespace="shop",persistentvolumeclaim="cart"', GIGABYTE]],
  kubelet_runtime_operations_errors_total: [
    ['node="node-1",operation_type="pull_image"', (scrape) => scrape * 3],
    ['node="fine-1",operation_type="pull_image"', 7],
  ],
  kubelet_certificate_manager_client_ttl_seconds: [
    ['node="node-1"', 10 * 86_400],
    ['node="fine-1"', Number.POSITIVE_INFINITY],
  ],
  kubelet_certificate_manager_server_ttl_seconds: [['node="node-1"', -2 * 86_400]],
  node_uname_info: [['nodename="node-1",machine="x86_64"', 1]],
  node_vmstat_oom_kill: [['', (scrape) => scrape]],
  node_cpu_seconds_total: ['0', '1'].flatMap((cpu): Sample[] => [
    [`cpu="${cpu}",mode="idle"`, (scrape) => scrape * 0.2],
    [`cpu="${cpu}",mode="user"`, (scrape) => scrape * 0.8],
  ]),
  node_load5: [['', 8]],
  node_memory_MemAvailable_bytes: [['', GIGABYTE]],
  node_memory_MemTotal_bytes: [['', 4 * GIGABYTE]],
  node_filesystem_avail_bytes: [
    [DISK, (scrape) => GIGABYTE - scrape * 1e6],
    ['device="tmpfs",fstype="tmpfs",mountpoint="/fine"', 0],
  ],
  node_filesystem_size_bytes: [
    [DISK, 10 * GIGABYTE],
    ['device="tmpfs",fstype="tmpfs",mountpoint="/fine"', 1],
  ],
  node_filesystem_readonly: [[DISK, 0]],
  node_filesystem_files: [
    [DISK, 100],
    ['device="/dev/sdb1",fstype="vfat",mountpoint="/fine"', 0],
  ],
  node_filesystem_files_free: [
    [DISK, 1],
    ['device="/dev/sdb1",fstype="vfat",mountpoint="/fine"', 0],
  ],
  node_disk_io_time_seconds_total: [
    ['device="sda"', (scrape) => scrape * 0.9],
    ['device="loop-fine"', 0],
  ],
  node_network_receive_errs_total: [
    ['device="eth0"', (scrape) => scrape * 4],
    ['device="veth-fine"', (scrape) => scrape * 4],
  ],
  node_network_transmit_errs_total: [
    ['device="eth0"', 0],
    ['device="veth-fine"', 0],
  ],
  node_nf_conntrack_entries: [['', 900]],
  node_nf_conntrack_entries_limit: [['', 1000]],
  node_timex_offset_seconds: [['', -0.75]],
  node_timex_sync_status: [['', 0]],
  telemcp_agent_info: [['node="node-1",version="1"', 1]],
  telemcp_time_synchronized: [['', 0]],
  telemcp_reboot_required: [['', 1]],
  telemcp_packages_security_updates_pending: [['', 12]],
  telemcp_systemd_unit_failed: [['unit="cart.service"', 1]],
  telemcp_certificate_not_after_timestamp_seconds: [
    ['path="/etc/cart.crt",index="0",embedded_at="",subject_cn="cart",role="apiserver"', SOON(5)],
    ['path="/etc/fine.crt",index="0",embedded_at="",subject_cn="fine",role=""', SOON(300)],
  ],
  apiserver_request_total: [
    ['verb="LIST",resource="carts",code="500"', (scrape) => scrape],
    ['verb="LIST",resource="carts",code="200"', (scrape) => scrape * 3],
    ['verb="GET",resource="fine",code="200"', (scrape) => scrape * 3],
  ],
  apiserver_request_duration_seconds_bucket: [
    ...buckets('verb="LIST",scope="cluster",subresource=""'),
    ...buckets('verb="WATCH",scope="fine",subresource=""'),
  ],
  etcd_request_duration_seconds_bucket: buckets('operation="list",type="/registry/carts"'),
  etcd_disk_wal_fsync_duration_seconds_bucket: buckets(''),
  etcd_disk_backend_commit_duration_seconds_bucket: buckets(''),
  etcd_server_leader_changes_seen_total: [['', (scrape) => scrape]],
};

/** Ten requests per scrape, all of them between 1 and 2 seconds. */
function buckets(labels: string): Sample[] {
  const rest = labels === '' ? '' : `,${labels}`;
  return [
    [`le="1"${rest}`, 0],
    [`le="2"${rest}`, (scrape) => scrape * 10],
    [`le="+Inf"${rest}`, (scrape) => scrape * 10],
  ];
}

/** Serves the metrics of the sick cluster as one target. */
export function startSickCluster(): Promise<RunningServer> {
  let scrape = 0;
  return startExporter(() => {
    scrape += 1;
    const lines = Object.entries(METRICS).flatMap(([name, samples]) =>
      samples.map(([labels, value]) => {
        const now = typeof value === 'function' ? value(scrape) : value;
        return `${name}{${labels}} ${now === Number.POSITIVE_INFINITY ? '+Inf' : now}`;
      }),
    );
    return `${lines.join('\n')}\n`;
  });
}
