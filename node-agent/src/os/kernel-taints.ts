/** Bit numbers and meaning: the kernel's documentation, "Tainted kernels". */
const TAINTS = [
  'proprietary_module',
  'forced_module_load',
  'cpu_out_of_specification',
  'forced_module_unload',
  'machine_check_exception',
  'bad_page',
  'user_request',
  'kernel_died',
  'acpi_table_overridden',
  'kernel_warning',
  'staging_driver',
  'firmware_workaround',
  'out_of_tree_module',
  'unsigned_module',
  'soft_lockup',
  'live_patch',
  'auxiliary_taint',
  'struct_randomization',
  'in_kernel_test',
  'mutating_debug_operation',
] as const;

/** Words for `/proc/sys/kernel/tainted`, lowest bit first; `bit_N` for one that came later. Null when it is not a number. */
export function parseTaints(text: string): string[] | null {
  if (!/^\d{1,20}$/.test(text.trim())) return null;
  const bits = BigInt(text.trim()).toString(2);
  return [...bits].reverse().flatMap((bit, index) => (bit === '1' ? [TAINTS[index] ?? `bit_${index}`] : []));
}
